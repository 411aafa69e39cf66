//! The texts of validation, against those that AWS is known to answer with.

#[cfg(test)]
mod texts {
    use wire::shape::{
        Kind, List, Map, Member, Pattern, Range, Shape, Structure, Text, TimestampFormat,
    };
    use wire::validate::{Elements, Wording, validate, validate_as};
    use wire::{Common, Fault, Value};

    const fn shape(name: &'static str, kind: Kind) -> Shape {
        Shape {
            name,
            kind,
            sensitive: false,
        }
    }

    const fn range(min: i64, max: i64) -> Range {
        Range {
            min: Some(min),
            max: Some(max),
        }
    }

    const fn text(length: Range, pattern: Option<&'static Pattern>) -> Kind {
        Kind::String(Text {
            length,
            pattern,
            values: &[],
        })
    }

    const fn required(name: &'static str, shape: &'static Shape) -> Member {
        Member {
            required: true,
            ..Member::new(name, shape)
        }
    }

    const fn hidden(name: &'static str, shape: &'static Shape) -> Member {
        Member {
            hidden: true,
            ..Member::new(name, shape)
        }
    }

    const fn list(member: &'static Shape, length: Range) -> Kind {
        Kind::List(List {
            member,
            member_name: "member",
            flattened: false,
            length,
        })
    }

    const fn structure(members: &'static [Member]) -> Kind {
        Kind::Structure(Structure {
            members,
            union: false,
        })
    }

    const fn map(key: &'static Shape, value: &'static Shape, length: Range) -> Kind {
        Kind::Map(Map {
            key,
            value,
            key_name: "key",
            value_name: "value",
            flattened: false,
            length,
        })
    }

    static ALIAS: Pattern = Pattern::new(r"^[a-zA-Z0-9:/_-]+$", r"^[a-zA-Z0-9:/_-]+$");
    static KEY_ID: Shape = shape("KeyIdType", text(range(1, 2048), None));
    static ALIAS_NAME: Shape = shape("AliasNameType", text(range(1, 256), Some(&ALIAS)));
    static PLAINTEXT: Shape = Shape {
        name: "PlaintextType",
        kind: Kind::Blob(range(1, 4096)),
        sensitive: true,
    };
    static CIPHERTEXT: Shape = shape("CiphertextType", Kind::Blob(range(1, 6144)));
    static DAYS: Shape = shape("PendingWindowInDaysType", Kind::Integer(range(1, 365)));
    static WEIGHT: Shape = shape("Weight", Kind::Double(range(0, 1)));
    static SPEC: Shape = shape(
        "DataKeySpec",
        Kind::String(Text {
            length: Range::ANY,
            pattern: None,
            values: &["AES_256", "AES_128"],
        }),
    );
    static TOKEN: Shape = shape("GrantTokenType", text(range(1, 8), None));
    static TOKENS: Shape = shape("GrantTokenList", list(&TOKEN, range(0, 2)));
    static TAG_KEY: Shape = shape("TagKeyType", text(range(1, 5), None));
    static TAG_MEMBERS: [Member; 2] =
        [required("TagKey", &TAG_KEY), required("SAMLValue", &KEY_ID)];
    static TAG: Shape = shape("Tag", structure(&TAG_MEMBERS));
    static TAGS: Shape = shape("TagList", list(&TAG, range(0, 2)));
    static WEIGHTS: Shape = shape("Weights", map(&TAG_KEY, &WEIGHT, range(0, 2)));
    static TAGS_BY_NAME: Shape = shape("TagsByName", map(&TAG_KEY, &TAG, Range::ANY));
    static LISTS: Shape = shape("Lists", list(&TOKENS, Range::ANY));
    static SECRETS: Shape = shape("Secrets", list(&SECRET, Range::ANY));
    static SECRET: Shape = Shape {
        name: "Secret",
        kind: text(range(2, 9), None),
        sensitive: true,
    };
    static EITHER_MEMBERS: [Member; 2] = [Member::new("A", &KEY_ID), Member::new("B", &KEY_ID)];
    static EITHER: Shape = shape(
        "Either",
        Kind::Structure(Structure {
            members: &EITHER_MEMBERS,
            union: true,
        }),
    );
    static TIME: Shape = shape("Time", Kind::Timestamp(TimestampFormat::Default));
    static MEMBERS: [Member; 19] = [
        required("KeyId", &KEY_ID),
        Member::new("AliasName", &ALIAS_NAME),
        Member::new("Plaintext", &PLAINTEXT),
        Member::new("CiphertextBlob", &CIPHERTEXT),
        Member::new("PendingWindowInDays", &DAYS),
        Member::new("Weight", &WEIGHT),
        Member::new("KeySpec", &SPEC),
        Member::new("GrantTokens", &TOKENS),
        Member::new("Tags", &TAGS),
        Member::new("Weights", &WEIGHTS),
        Member::new("TagsByName", &TAGS_BY_NAME),
        Member::new("Lists", &LISTS),
        Member::new("Secrets", &SECRETS),
        Member::new("Secret", &SECRET),
        Member::new("Tag", &TAG),
        hidden("Codes", &TOKENS),
        hidden("Blob", &CIPHERTEXT),
        Member::new("Time", &TIME),
        Member::new("Either", &EITHER),
    ];
    static INPUT: Shape = shape("Input", structure(&MEMBERS));

    /// The input with these members set, and a key where none is given.
    fn input(members: &[(&str, Value)]) -> Value {
        let given = |name| {
            let found = members.iter().find(|(one, _)| *one == name);
            found.map(|(_, value)| value.clone())
        };
        let values = MEMBERS.iter().map(|member| match member.name {
            "KeyId" => Some(given("KeyId").unwrap_or(Value::string("k"))),
            name => given(name),
        });
        Value::Structure(values.collect())
    }

    fn text_of(input: &Value) -> String {
        let fault = validate(&INPUT, input).expect_err("it is valid");
        assert_eq!(fault.as_common(), Some(Common::Validation));
        fault.message().unwrap().to_owned()
    }

    fn worded(wording: Wording, input: &Value) -> String {
        let refused = validate_as(wording, &INPUT, input).err();
        let text = refused.as_ref().and_then(Fault::message);
        text.unwrap_or_default().to_owned()
    }

    /// The violations of an input with one member set.
    fn violations(member: &str, value: Value) -> String {
        let text = text_of(&input(&[(member, value)]));
        let (count, rest) = text.split_once(" validation error").unwrap();
        let (plural, rest) = rest.split_once(" detected: ").unwrap();
        assert_eq!(
            rest.matches(" failed to satisfy constraint: ")
                .count()
                .to_string(),
            count
        );
        assert_eq!(plural, if count == "1" { "" } else { "s" });
        rest.to_owned()
    }

    fn strings(texts: &[&str]) -> Value {
        Value::List(texts.iter().map(|text| Value::string(*text)).collect())
    }

    fn tag(key: Option<&str>, value: Option<&str>) -> Value {
        Value::Structure(vec![key.map(Value::string), value.map(Value::string)])
    }

    #[test]
    fn the_words_of_aws() {
        assert_eq!(
            text_of(&input(&[("KeyId", Value::string(""))])),
            "1 validation error detected: Value '' at 'keyId' failed to satisfy constraint: \
             Member must have length greater than or equal to 1"
        );
        assert_eq!(
            text_of(&Value::Structure(vec![None; MEMBERS.len()])),
            "1 validation error detected: Value null at 'keyId' failed to satisfy constraint: \
             Member must not be null"
        );
        assert_eq!(
            text_of(&input(&[
                ("KeyId", Value::string("")),
                ("Plaintext", Value::blob(vec![0; 5000])),
                ("KeySpec", Value::string("DES")),
            ])),
            "3 validation errors detected: Value '' at 'keyId' failed to satisfy constraint: \
             Member must have length greater than or equal to 1; Value at 'plaintext' failed to \
             satisfy constraint: Member must have length less than or equal to 4096; Value 'DES' at \
             'keySpec' failed to satisfy constraint: Member must satisfy enum value set: \
             [AES_256, AES_128]"
        );
    }

    #[test]
    fn the_caller_reads_what_the_record_does_not_say() {
        let refused = |members: &[(&str, Value)]| validate(&INPUT, &input(members)).unwrap_err();
        let visible = ("KeySpec", Value::string("DES"));
        let blob = ("Blob", Value::blob(*b""));
        let fault = refused(&[visible.clone(), blob.clone()]);
        assert_eq!(fault.recorded_message(), fault.message());
        let codes = strings(&["", "a hidden code"]);
        let fault = refused(&[
            visible,
            ("Codes", codes),
            blob,
            ("Tag", tag(Some(""), None)),
        ]);
        let (shown, recorded) = (fault.message().unwrap(), fault.recorded_message().unwrap());
        assert!(shown.contains("Value '[, a hidden code]' at 'codes' failed"));
        assert_eq!(
            recorded,
            shown.replace("Value '[, a hidden code]' at", "Value at")
        );
        assert!(recorded.contains("'DES'") && recorded.contains("Value '' at 'tag.tagKey'"));
    }

    #[test]
    fn scalars() {
        for (member, value, expected) in [
            (
                "AliasName",
                Value::string("a b"),
                "Value 'a b' at 'aliasName' failed to satisfy constraint: Member must satisfy \
                 regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
            ),
            (
                "AliasName",
                Value::string(""),
                "Value '' at 'aliasName' failed to satisfy constraint: Member must have length \
                 greater than or equal to 1; Value '' at 'aliasName' failed to satisfy constraint: \
                 Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$",
            ),
            (
                "CiphertextBlob",
                Value::blob(*b""),
                "Value 'java.nio.HeapByteBuffer[pos=0 lim=0 cap=0]' at 'ciphertextBlob' failed to \
                 satisfy constraint: Member must have length greater than or equal to 1",
            ),
        ] {
            assert_eq!(violations(member, value), expected);
        }
    }

    #[test]
    fn numbers_secrets_and_unions() {
        for (member, value, expected) in [
            (
                "PendingWindowInDays",
                Value::Integer(366),
                "Value '366' at 'pendingWindowInDays' failed to satisfy constraint: Member must \
                 have value less than or equal to 365",
            ),
            (
                "PendingWindowInDays",
                Value::Integer(0),
                "Value '0' at 'pendingWindowInDays' failed to satisfy constraint: Member must have \
                 value greater than or equal to 1",
            ),
            (
                "Weight",
                Value::Double(1.5),
                "Value '1.5' at 'weight' failed to satisfy constraint: Member must have value less \
                 than or equal to 1.0",
            ),
            (
                "Secret",
                Value::string("x"),
                "Value at 'secret' failed to satisfy constraint: Member must have length greater \
                 than or equal to 2",
            ),
            (
                "Either",
                tag(Some("a"), Some("b")),
                "Value at 'either' failed to satisfy constraint: Member must have exactly one \
                 value set",
            ),
        ] {
            assert_eq!(violations(member, value), expected);
        }
        let not_a_number = violations("Weight", Value::Double(f64::NAN));
        assert_eq!(not_a_number.matches("Value 'NaN' at 'weight'").count(), 2);
    }

    #[test]
    fn lists() {
        let each = "Member must satisfy constraint: [Member must have length less than or equal to \
                    8, Member must have length greater than or equal to 1]";
        assert_eq!(
            violations("GrantTokens", strings(&["a", "", "123456789"])),
            format!(
                "Value '[a, , 123456789]' at 'grantTokens' failed to satisfy constraint: Member \
                 must have length less than or equal to 2; Value '[a, , 123456789]' at \
                 'grantTokens' failed to satisfy constraint: {each}"
            )
        );
        assert_eq!(
            violations("Lists", Value::List(vec![strings(&["a"]), strings(&[""])])),
            format!("Value '[]' at 'lists.2.member' failed to satisfy constraint: {each}")
        );
        assert_eq!(
            violations("Secrets", strings(&["hidden", "x"])),
            "Value at 'secrets' failed to satisfy constraint: Member must satisfy constraint: \
             [Member must have length less than or equal to 9, Member must have length greater \
             than or equal to 2]"
        );
        let tags = vec![
            tag(Some("a"), Some("b")),
            tag(Some("toolong"), None),
            tag(Some("c"), Some("d")),
        ];
        assert_eq!(
            violations("Tags", Value::List(tags)),
            "Value at 'tags' failed to satisfy constraint: Member must have length less than or \
             equal to 2; Value 'toolong' at 'tags.2.member.tagKey' failed to satisfy constraint: \
             Member must have length less than or equal to 5; Value null at \
             'tags.2.member.sAMLValue' failed to satisfy constraint: Member must not be null"
        );
        assert_eq!(
            violations("Tag", tag(None, Some("x"))),
            "Value null at 'tag.tagKey' failed to satisfy constraint: Member must not be null"
        );
    }

    #[test]
    fn some_services_say_that_there_must_be_an_element() {
        let value = input(&[("GrantTokens", strings(&[""]))]);
        let text = |elements| {
            let wording = Wording {
                elements,
                ..Wording::default()
            };
            worded(wording, &value)
        };
        let present = text(Elements::Present);
        assert_eq!(
            present,
            "1 validation error detected: Value '[]' at 'grantTokens' failed to satisfy \
                 constraint: Member must satisfy constraint: [Member must have length less than or \
                 equal to 8, Member must have length greater than or equal to 1, Member must not be \
                 null]"
        );
        assert_eq!(text(Elements::PresentOf("GrantTokenType")), present);
        assert!(!text(Elements::PresentOf("TagKeyType")).contains("null"));
    }

    #[test]
    fn some_services_show_no_values() {
        let wording = Wording {
            hides_values: true,
            ..Wording::default()
        };
        let value = input(&[("KeyId", Value::string("")), ("Tag", tag(None, Some("x")))]);
        assert_eq!(
            worded(wording, &value),
            "2 validation errors detected: Value at 'keyId' failed to satisfy constraint: Member \
             must have length greater than or equal to 1; Value at 'tag.tagKey' failed to satisfy \
             constraint: Member must not be null"
        );
    }

    #[test]
    fn some_services_tell_the_pattern_first() {
        let wording = Wording {
            pattern_first: "AliasNameType",
            ..Wording::default()
        };
        let value = input(&[("AliasName", Value::string(""))]);
        assert_eq!(
            worded(wording, &value),
            "2 validation errors detected: Value '' at 'aliasName' failed to satisfy constraint: \
             Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$; Value '' at \
             'aliasName' failed to satisfy constraint: Member must have length greater than or \
             equal to 1"
        );
    }

    #[test]
    fn some_services_show_structures() {
        let wording = Wording {
            shows_structures: true,
            ..Wording::default()
        };
        let tags = vec![
            tag(Some("a"), Some("b")),
            tag(Some("c"), Some("d")),
            tag(Some("e"), Some("f")),
        ];
        assert_eq!(
            worded(wording, &input(&[("Tags", Value::List(tags))])),
            "1 validation error detected: Value '[Tag(tagKey=a, sAMLValue=b), Tag(tagKey=c, \
             sAMLValue=d), Tag(tagKey=e, sAMLValue=f)]' at 'tags' failed to satisfy constraint: \
             Member must have length less than or equal to 2"
        );
    }

    /// Both orders are those of answers of IAM.
    #[test]
    fn some_services_hash_their_members() {
        static PROVIDER: [Member; 4] = [
            required("Url", &KEY_ID),
            required("ClientIDList", &KEY_ID),
            required("ThumbprintList", &KEY_ID),
            Member::new("Tags", &KEY_ID),
        ];
        static PASSWORDS: [Member; 3] = [
            required("MinimumPasswordLength", &DAYS),
            required("MaxPasswordAge", &DAYS),
            required("PasswordReusePrevention", &DAYS),
        ];
        let order = |members: &'static [Member]| {
            let wording = Wording {
                hashed: true,
                ..Wording::default()
            };
            let input = shape("Input", structure(members));
            let nothing = Value::Structure(vec![None; members.len()]);
            let refused = validate_as(wording, &input, &nothing).err();
            let text = refused.as_ref().and_then(Fault::message);
            let text = text.unwrap_or_default().to_owned();
            let named = text.split("'").skip(1).step_by(2).map(str::to_owned);
            named.collect::<Vec<String>>()
        };
        assert_eq!(order(&PROVIDER), ["clientIDList", "thumbprintList", "url"]);
        assert_eq!(
            order(&PASSWORDS),
            [
                "minimumPasswordLength",
                "passwordReusePrevention",
                "maxPasswordAge"
            ]
        );
    }

    #[test]
    fn maps() {
        let weights = |entries: &[(&str, f64)]| {
            let entry = |(key, weight): &(&str, f64)| ((*key).to_owned(), Value::Double(*weight));
            Value::Map(entries.iter().map(entry).collect())
        };
        assert_eq!(
            violations("Weights", weights(&[("toolong", 0.5), ("b", 2.0)])),
            "Value '{toolong=0.5, b=2.0}' at 'weights' failed to satisfy constraint: Map keys must \
             satisfy constraint: [Member must have length less than or equal to 5, Member must have \
             length greater than or equal to 1]; Value '{toolong=0.5, b=2.0}' at 'weights' failed \
             to satisfy constraint: Map value must satisfy constraint: [Member must have value less \
             than or equal to 1.0, Member must have value greater than or equal to 0.0]"
        );
        let tags = Value::Map(vec![("k".to_owned(), tag(Some("a"), Some("")))]);
        assert_eq!(
            violations("TagsByName", tags),
            "Value '' at 'tagsByName.k.member.sAMLValue' failed to satisfy constraint: Member must \
             have length greater than or equal to 1"
        );
    }

    #[test]
    fn what_is_at_its_bound_is_valid() {
        let valid = [
            ("KeyId", Value::string("é".repeat(2048))),
            ("AliasName", Value::string("alias/a")),
            ("Plaintext", Value::blob(vec![0; 4096])),
            ("CiphertextBlob", Value::blob([0])),
            ("PendingWindowInDays", Value::Integer(365)),
            ("Weight", Value::Double(1.0)),
            ("KeySpec", Value::string("AES_128")),
            ("GrantTokens", strings(&["12345678", "a"])),
            ("Tags", Value::List(vec![tag(Some("éééée"), Some("b"))])),
            ("Either", tag(Some("a"), None)),
        ];
        assert!(validate(&INPUT, &input(&valid)).is_ok());
        let characters = violations("KeyId", Value::string("é".repeat(2049)));
        assert!(characters.ends_with("length less than or equal to 2048"));
    }

    #[test]
    fn a_pattern_matches_the_whole_text() {
        let lines = violations("AliasName", Value::string("alias/a\n"));
        assert!(lines.contains("regular expression pattern"), "{lines}");
    }

    #[test]
    fn an_answer_lists_a_hundred_violations() {
        let tags = vec![tag(None, None); 500];
        let text = text_of(&input(&[("Tags", Value::List(tags))]));
        assert!(
            text.starts_with("100 validation errors detected: "),
            "{text}"
        );
        assert_eq!(text.matches("failed to satisfy").count(), 100);
    }
}
