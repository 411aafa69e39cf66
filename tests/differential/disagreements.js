// Where the other evaluator is known to differ, and why AWS sides with this engine.
//
// Each rewrites a set into one that means the same to AWS and that the other evaluator can read.
// A difference is explained only if the rewritten set is then decided as this engine decided.

const arrays = (value) => (Array.isArray(value) ? value : [value])

// Applies `change` to every document of a set.
const everywhere = (policies, change) => {
  const each = (documents) => documents.map(change)
  const one = (document) => document && change(document)
  return {
    ...policies,
    identity: each(policies.identity),
    resource: one(policies.resource),
    boundary: one(policies.boundary),
    session: one(policies.session),
    endpoint: one(policies.endpoint),
    scps: policies.scps.map(each),
    rcps: policies.rcps.map(each),
  }
}

const statements = (document, change) => ({
  ...document,
  Statement: document.Statement.map(change),
})

// Applies `change(value, operator)` to each operand of each condition.
const operands = (document, change) =>
  statements(document, (statement) => {
    if (!statement.Condition) return statement
    const block = ([operator, keys]) => {
      const key = ([name, values]) => [name, arrays(values).flatMap((one) => change(one, operator))]
      return [operator, Object.fromEntries(Object.entries(keys).map(key))]
    }
    return { ...statement, Condition: Object.fromEntries(Object.entries(statement.Condition).map(block)) }
  })

// Applies `change(text, element)` to each text of Resource and NotResource.
const resources = (document, change) =>
  statements(document, (statement) => {
    const changed = { ...statement }
    for (const element of ['Resource', 'NotResource']) {
      if (statement[element]) changed[element] = arrays(statement[element]).map((text) => change(text, element))
    }
    return changed
  })

// A resource that no set asks for.
const NOTHING = 'arn:aws:s3:::a-bucket-that-no-request-names'

const named = (statement) => arrays(statement.Principal?.AWS ?? statement.Principal ?? [])

const value = (context, key) => {
  const found = Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())
  return Array.isArray(found?.[1]) || found?.[1] === '' ? undefined : found?.[1]
}

// Whether a text has a variable that has neither value nor default.
const lacks = (text, context) =>
  [...text.matchAll(/\$\{([^},]*)\}/g)].some(
    ([, key]) => key.includes(':') && value(context, key) === undefined,
  )

// Whether all of a caller's names are listed: its account, the role or user behind it, and itself.
const spares = (listed, principal) => {
  const names = arrays(listed.AWS ?? (listed === '*' ? '*' : []))
  if (names.includes('*')) return true
  if (principal === null) return false
  if (!principal.startsWith('arn:')) return arrays(listed.Service ?? []).includes(principal)
  const account = principal.split(':')[4]
  const [type, name] = principal.split(':')[5].split('/')
  const behind = {
    'assumed-role': [`arn:aws:iam::${account}:role/${name}`],
    'federated-user': [`arn:aws:iam::${account}:user/${name}`],
  }
  const named = [principal, ...(behind[type] ?? [])].every((one) => names.includes(one))
  return named && (names.includes(account) || names.includes(`arn:aws:iam::${account}:root`))
}

const glob = (pattern) => {
  const quoted = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${quoted.replace(/\*/g, '.*').replace(/\?/g, '.')}$`, 's')
}

export const disagreements = [
  {
    // Permissions granted to everyone, and those granted to the ARN of the session, go to the
    // session directly; only those granted to the ARN of its role or user are limited.
    name: 'a resource policy for everyone, or for the session itself, is not limited by the silence of a session policy',
    page: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics-single-account.html',
    rewrite: ({ policies, request }) => {
      const direct = (name) => name === '*' || name === request.principal
      const open = policies.resource?.Statement.some(
        (statement) => statement.Effect === 'Allow' && named(statement).some(direct),
      )
      // What the session policy denies, it still denies.
      const permissive = { Effect: 'Allow', Action: '*', Resource: '*' }
      const session = policies.session && {
        Version: '2012-10-17',
        Statement: [...policies.session.Statement, permissive],
      }
      return open && session ? { ...policies, session } : policies
    },
    // Only the resource policy may have been the reason.
    only: ({ ours, layer }) => ours === 'Allowed' && ['resource-based policy', 'role trust policy'].includes(layer),
  },
  {
    name: 'version 2008-10-17 has no variables',
    page: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html',
    rewrite: ({ policies }) =>
      everywhere(policies, (document) =>
        document.Version === '2008-10-17'
          ? JSON.parse(JSON.stringify(document).replaceAll('${', '#{'))
          : document,
      ),
  },
  {
    name: '0.0.0.0/0 contains every IPv4 address',
    page: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress',
    rewrite: ({ policies }) =>
      everywhere(policies, (document) =>
        operands(document, (text) => (text === '0.0.0.0/0' ? ['0.0.0.0/1', '128.0.0.0/1'] : [text])),
      ),
  },
  {
    name: 'an address is outside of every network of the other family, and a bare address is a network',
    page: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress',
    rewrite: ({ policies, request }) => {
      const source = value(request.context, 'aws:SourceIp')
      const network = (text) => {
        if (source && source.includes(':') !== text.includes(':')) {
          return source.includes(':') ? 'ff00::1/128' : '255.255.255.255/32'
        }
        return text.includes('/') ? text : `${text}${text.includes(':') ? '/128' : '/32'}`
      }
      return everywhere(policies, (document) =>
        operands(document, (text, operator) => [/IpAddress/i.test(operator) ? network(text) : text]),
      )
    },
  },
  {
    name: 'NotPrincipal spares whose account, role and self are all listed, and no one with a boundary',
    page: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html',
    rewrite: ({ policies, request }) => ({
      ...policies,
      resource:
        policies.resource &&
        statements(policies.resource, (statement) => {
          if (!statement.NotPrincipal) return statement
          const { NotPrincipal, ...rest } = statement
          const spared = !policies.boundary && spares(NotPrincipal, request.principal)
          return { ...rest, Principal: '*', ...(spared && { NotResource: undefined, Resource: NOTHING }) }
        }),
    }),
  },
  {
    name: 'a wildcard may stand in the type of a resource',
    // AWS's own policies for tagging on creation name arn:aws:ec2:region:account:*/*.
    page: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html',
    rewrite: ({ policies, request }) =>
      everywhere(policies, (document) =>
        resources(document, (text) => {
          const [, type] = text.match(/^arn:(?:[^:]*:){4}([^/:]*[*?][^/:]*)[/:]/) ?? []
          if (type === undefined || text.includes('${') || text.startsWith('arn:aws:s3:::')) return text
          return glob(text).test(request.resource) ? request.resource : NOTHING
        }),
      ),
  },
  {
    name: 'a resource with a variable without value matches no resource, in NotResource neither',
    page: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value',
    rewrite: ({ policies, request }) =>
      everywhere(policies, (document) =>
        resources(document, (text, element) =>
          element === 'NotResource' && lacks(text, request.context) ? NOTHING : text,
        ),
      ),
  },
  {
    name: 'a negated operator holds against a variable without value',
    page: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-no-value',
    rewrite: ({ policies, request }) =>
      everywhere(policies, (document) =>
        operands(document, (text) => [lacks(text, request.context) ? 'a value that no request has' : text]),
      ),
  },
  {
    name: '${*} is an asterisk to every string operator',
    page: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars',
    rewrite: ({ policies }) =>
      everywhere(policies, (document) =>
        operands(document, (text, operator) => [/Equals/.test(operator) ? text.replaceAll('${*}', '*') : text]),
      ),
  },
]

// The names of what explains a difference; empty if nothing does.
export const explain = async (set, theirs) => {
  const agrees = async (policies) => (await theirs({ ...set, policies })) === set.ours
  const candidates = disagreements.filter(({ only }) => !only || only(set))
  let together = set.policies
  const changed = []
  for (const candidate of candidates) {
    const alone = candidate.rewrite(set)
    if (JSON.stringify(alone) === JSON.stringify(set.policies)) continue
    if (await agrees(alone)) return [candidate.name]
    together = candidate.rewrite({ ...set, policies: together })
    changed.push(candidate.name)
  }
  return changed.length > 1 && (await agrees(together)) ? changed : []
}
