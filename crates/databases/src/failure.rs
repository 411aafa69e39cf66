//! Why a password was not set, in words that hold no secret and no text of a server.

/// Why a login or a change of a password did not come about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Nobody may connect there: the operator has not opened that network.
    #[error("the address of the database may not be reached")]
    Refused,
    /// The name cannot be resolved, nobody listens there, or the connection broke.
    #[error("the database cannot be reached")]
    Unreachable,
    /// There was no whole answer in time.
    #[error("the database did not answer in time")]
    TimedOut,
    /// TLS is asked for, and the server has none or a certificate that is not trusted.
    #[error("there is no trusted TLS connection to the database")]
    Tls,
    /// The server does not take this user name with this password.
    #[error("the database refuses the user name or the password")]
    Denied,
    /// The server refuses a statement or the connection, with the code of its protocol: a SQLSTATE of
    /// PostgreSQL, an error number of MySQL, MariaDB or SQL Server, the first word of Redis's error.
    #[error("the database refuses with `{code}`")]
    Rejected {
        /// The code, of letters and digits.
        code: String,
    },
    /// The server sends what its protocol does not allow, or more than was asked for.
    #[error("the answer of the database is not understood")]
    Garbled,
    /// The server asks for a way to log in that is not known here.
    #[error("the database asks for the authentication method `{method}`, which is not supported")]
    Method {
        /// Its name, of letters, digits and `-` or `_`.
        method: String,
    },
    /// The description of a login cannot be used: what is wrong with it.
    #[error("{0}")]
    Login(String),
    /// The random source failed.
    #[error("the random source failed")]
    Random,
}

impl Failure {
    /// Whether trying the same again later may succeed without anybody changing anything.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Unreachable | Self::TimedOut | Self::Random)
    }

    /// A refusal with the code of a server; what is no letter or digit in it is left out.
    pub(crate) fn rejected(code: &str) -> Self {
        Self::Rejected {
            code: harmless(code),
        }
    }

    /// A way to log in that is not known.
    pub(crate) fn method(name: &str) -> Self {
        Self::Method {
            method: harmless(name),
        }
    }
}

impl From<crypto::RandomFailure> for Failure {
    fn from(_: crypto::RandomFailure) -> Self {
        Self::Random
    }
}

/// What a server sent, fit for an error: no more than 64 letters, digits, `-` and `_`.
fn harmless(text: &str) -> String {
    let fits = |it: &char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
    text.chars().filter(fits).take(64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_server_but_a_code_is_shown() {
        let hostile = format!("42\n\u{1b}[31m501 {}", "a".repeat(100));
        let shown = Failure::rejected(&hostile).to_string();
        let code = format!("4231m501{}", "a".repeat(56));
        assert_eq!(shown, format!("the database refuses with `{code}`"));
    }
}
