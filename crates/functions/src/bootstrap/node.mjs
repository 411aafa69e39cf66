// Runs a JavaScript handler: the events come from the Runtime API, the results go back there.

import { existsSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { format } from 'node:util';

const environment = process.env;
const [authority, ...secret] = environment.AWS_LAMBDA_RUNTIME_API.split('/');
const [host, port] = authority.split(':');
const base = `/${secret.join('/')}/2018-06-01/runtime`;
const agent = new http.Agent({ keepAlive: true, maxSockets: 1, noDelay: true });
const logsJson = environment.AWS_LAMBDA_LOG_FORMAT === 'JSON';
let requestId = '';

function call(method, target, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const options = { host, port, method, agent, path: base + target, headers };
    const request = http.request(options, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
      response.on('error', reject);
    });
    request.on('error', reject);
    if (body !== undefined) {
      request.setHeader('Content-Type', 'application/json');
      request.setHeader('Content-Length', Buffer.byteLength(body));
    }
    request.end(body);
  });
}

class Fault extends Error {
  constructor(name, message, stack) {
    super(message);
    this.name = name;
    if (stack !== undefined) this.stack = stack;
  }
}

// An error as AWS's runtimes put it.
function described(error) {
  if (error instanceof Error || (error && typeof error === 'object' && 'stack' in error)) {
    return {
      errorType: String(error.name ?? 'Error'),
      errorMessage: String(error.message ?? ''),
      trace: String(error.stack ?? '').split('\n'),
    };
  }
  const message = typeof error === 'object' && error !== null ? JSON.stringify(error) : String(error);
  return { errorType: typeof error, errorMessage: message, trace: [] };
}

function fail(target, error) {
  const text = described(error);
  const kind = text.errorType.replace(/[^\x21-\x7e]/g, '');
  const headers = { 'Lambda-Runtime-Function-Error-Type': kind || 'Error' };
  return call('POST', target, JSON.stringify(text), headers);
}

// A line in the format JSON (AWS: "Using Lambda advanced logging controls with Node.js").
function jsonLine(level, message) {
  const isOne = message.length === 1 && !(message[0] instanceof Error);
  const line = {
    timestamp: new Date().toISOString(),
    level,
    requestId: requestId || undefined,
    message: isOne && typeof message[0] === 'object' ? message[0] : format(...message),
  };
  const error = message.find((one) => one instanceof Error);
  if (error) {
    const text = described(error);
    Object.assign(line, { errorType: text.errorType, errorMessage: text.errorMessage, stackTrace: text.trace });
  }
  try {
    return `${JSON.stringify(line)}\n`;
  } catch {
    // It refers to itself.
    return `${JSON.stringify({ ...line, message: format(...message) })}\n`;
  }
}

// Lines of the log carry the time, the request and the level; an event stays one event.
function setUpConsole() {
  const levels = { log: 'INFO', info: 'INFO', debug: 'DEBUG', warn: 'WARN', error: 'ERROR', trace: 'TRACE' };
  const order = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
  const least = logsJson ? order.indexOf(environment.AWS_LAMBDA_LOG_LEVEL) : -1;
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...message) => {
      if (order.indexOf(level) < least) return;
      if (logsJson) {
        process.stdout.write(jsonLine(level, message));
        return;
      }
      const text = format(...message).replaceAll('\n', '\r');
      const id = requestId || 'undefined';
      process.stdout.write(`${new Date().toISOString()}\t${id}\t${level}\t${text}\n`);
    };
  }
}

function logError(title, error) {
  const text = described(error);
  const stack = text.trace.length > 0 ? text.trace : [];
  if (logsJson) {
    console.error({ errorType: text.errorType, errorMessage: text.errorMessage, stackTrace: stack });
    return;
  }
  console.error(`${title} \t${JSON.stringify({ errorType: text.errorType, errorMessage: text.errorMessage, stack })}`);
}

// The function that `path/file.export` names.
async function found(handler) {
  const folder = path.dirname(handler);
  const parts = /^([^.]*)\.(.+)$/.exec(path.basename(handler));
  if (!parts || handler.includes('..')) {
    throw new Fault('Runtime.MalformedHandlerName', 'Bad handler');
  }
  const [, name, exported] = parts;
  const stem = path.resolve(environment.LAMBDA_TASK_ROOT, folder, name);
  const file = ['', '.js', '.mjs', '.cjs'].map((ending) => stem + ending).find((file) => existsSync(file));
  let module;
  try {
    if (file === undefined) {
      throw Object.assign(new Error(`Cannot find module '${name}'`), { code: 'MODULE_NOT_FOUND' });
    }
    module = await import(pathToFileURL(file));
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw new Fault('Runtime.UserCodeSyntaxError', String(error), error.stack);
    }
    if (error?.code === 'MODULE_NOT_FOUND' || error?.code === 'ERR_MODULE_NOT_FOUND') {
      throw new Fault('Runtime.ImportModuleError', String(error), error.stack);
    }
    throw error;
  }
  const select = (root) => exported.split('.').reduce((value, key) => value?.[key], root);
  const selected = select(module) ?? select(module.default);
  if (selected === undefined) {
    throw new Fault('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  }
  if (typeof selected !== 'function') {
    throw new Fault('Runtime.HandlerNotFound', `${handler} is not a function`);
  }
  return selected;
}

function json(headers, name) {
  const text = headers[`lambda-runtime-${name}`];
  return text ? JSON.parse(text) : undefined;
}

// The second argument of handlers (AWS: "Using the Lambda context object to retrieve Node.js
// function information").
function contextOf(headers) {
  const deadline = Number(headers['lambda-runtime-deadline-ms']);
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    awsRequestId: headers['lambda-runtime-aws-request-id'],
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    identity: json(headers, 'cognito-identity'),
    clientContext: json(headers, 'client-context'),
    getRemainingTimeInMillis: () => Math.max(deadline - Date.now(), 0),
  };
}

// Calls the handler, which answers by a promise or by a callback. What neither promises nor calls
// back has answered when nothing is left to do.
function run(handler, event, context) {
  return new Promise((resolve, reject) => {
    let idle = () => resolve(null);
    const onIdle = () => idle();
    process.once('beforeExit', onIdle);
    const settle = (settled) => {
      process.removeListener('beforeExit', onIdle);
      settled();
    };
    const callback = (error, result) => {
      const settled = () => (error ? reject(error) : resolve(result));
      if (context.callbackWaitsForEmptyEventLoop) {
        idle = settled;
      } else {
        settle(settled);
      }
    };
    context.done = callback;
    context.succeed = (result) => callback(null, result);
    context.fail = (error) => callback(error ?? new Error('handled'));
    try {
      const returned = handler(event, context, callback);
      if (typeof returned?.then === 'function') {
        returned.then(
          (result) => settle(() => resolve(result)),
          (error) => settle(() => reject(error)),
        );
      } else if (handler.length < 3 && returned !== undefined) {
        settle(() => resolve(null));
      }
    } catch (error) {
      settle(() => reject(error));
    }
  });
}

function encoded(result) {
  try {
    return JSON.stringify(result) ?? 'null';
  } catch (error) {
    throw new Fault('Runtime.MarshalError', 'Unable to stringify response body', error.stack);
  }
}

async function serve(handler) {
  for (;;) {
    const { headers, body } = await call('GET', '/invocation/next');
    requestId = headers['lambda-runtime-aws-request-id'];
    if (headers['lambda-runtime-trace-id']) {
      environment._X_AMZN_TRACE_ID = headers['lambda-runtime-trace-id'];
    } else {
      delete environment._X_AMZN_TRACE_ID;
    }
    const target = `/invocation/${requestId}`;
    try {
      const result = encoded(await run(handler, JSON.parse(body), contextOf(headers)));
      await call('POST', `${target}/response`, result);
    } catch (error) {
      logError('Invoke Error', error);
      await fail(`${target}/error`, error);
    }
  }
}

// Errors that nobody caught end the process, as they do in AWS's runtimes.
function guard(event, code, kind) {
  process.on(event, async (cause) => {
    const error = kind ? new Fault(kind, String(cause), cause?.stack) : cause;
    logError(kind ? 'Unhandled Promise Rejection' : 'Uncaught Exception', error);
    const target = requestId ? `/invocation/${requestId}/error` : '/init/error';
    await fail(target, error).catch(() => {});
    process.exit(code);
  });
}

setUpConsole();
guard('unhandledRejection', 128, 'Runtime.UnhandledPromiseRejection');
guard('uncaughtException', 129);
let handler;
try {
  handler = await found(environment._HANDLER);
} catch (error) {
  logError('Uncaught Exception', error);
  await fail('/init/error', error).catch(() => {});
  process.exit(1);
}
await serve(handler);
