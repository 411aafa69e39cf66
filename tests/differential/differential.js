// Asks another evaluator what this engine has decided, and wants every difference explained.
//
// node differential.js <generator> <sets> <seed>

import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate'
import { disagreements, explain } from './disagreements.js'

const [generator, sets, seed] = process.argv.slice(2)
// A run that asks little, or only what is denied, shows little.
const LEAST_ALLOWED = 0.3
const MOST_SHOWN = 5

const named = (documents) => documents.map((policy, index) => ({ name: `${index}`, policy }))
const levels = (list) =>
  list.map((documents, index) => ({ orgIdentifier: `ou-${index}`, policies: named(documents) }))

const simulation = ({ request, policies }) => ({
  request: {
    principal: request.principal ?? anonymousPrincipal,
    action: request.action,
    resource: { resource: request.resource, accountId: request.account },
    contextVariables: request.context,
  },
  identityPolicies: named(policies.identity),
  resourcePolicy: policies.resource ?? undefined,
  permissionBoundaryPolicies: policies.boundary ? named([policies.boundary]) : undefined,
  sessionPolicy: policies.session ?? undefined,
  serviceControlPolicies: levels(policies.scps),
  resourceControlPolicies: levels(policies.rcps),
  vpcEndpointPolicies: policies.endpoint ? named([policies.endpoint]) : undefined,
})

const theirs = async (set) => {
  const answer = await runSimulation(simulation(set), {})
  return answer.resultType === 'error' ? `error ${JSON.stringify(answer.errors)}` : answer.overallResult
}

let asked = 0
let allowed = 0
let agreed = 0
let differed = 0
const explained = new Map(disagreements.map(({ name }) => [name, 0]))
const unexplained = []

const child = spawn(generator, [sets, seed], { stdio: ['ignore', 'pipe', 'inherit'] })
const closed = new Promise((resolve) => child.on('close', resolve))
for await (const line of createInterface({ input: child.stdout })) {
  const set = JSON.parse(line)
  asked += 1
  allowed += set.ours === 'Allowed' ? 1 : 0
  const other = await theirs(set)
  if (other === set.ours) {
    agreed += 1
    continue
  }
  const reasons = await explain(set, theirs)
  if (reasons.length === 0) unexplained.push({ ...set, theirs: other })
  for (const name of reasons) explained.set(name, explained.get(name) + 1)
  differed += reasons.length > 0 ? 1 : 0
}

const share = allowed / asked
for (const set of unexplained.slice(0, MOST_SHOWN)) console.log(JSON.stringify(set))
console.log(`${asked} sets of seed ${seed}, ${(share * 100).toFixed(1)} % allowed`)
console.log(`${agreed} agreed, ${differed} differed as explained, ${unexplained.length} not explained`)
for (const [name, count] of explained) console.log(`${count} times: ${name}`)
const complete = (await closed) === 0 && asked === Number(sets) && share >= LEAST_ALLOWED
process.exitCode = complete && unexplained.length === 0 ? 0 : 1
