// Starts a return by the workflow's name, says what the warehouse found, and waits for its end.
// node return.mjs REQUEST.json, with TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE where they are not the local ones.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ApplicationFailure, Client, Connection, WithStartWorkflowOperation, WorkflowUpdateFailedError } from '@temporalio/client';

const { TEMPORAL_ADDRESS = '127.0.0.1:7233', TEMPORAL_NAMESPACE = 'default' } = process.env;

/** Start it, or find it started; the answer is the policy's decision. */
async function start(client, request) {
  const operation = new WithStartWorkflowOperation('ReturnWorkflow', {
    taskQueue: 'returns',
    workflowId: `return-${request.return_id}`,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [request],
  });
  // Under an id of its own for each request: a repeat is answered, another request under the same id is refused.
  const digest = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  const summary = await client.workflow.executeUpdateWithStart('decision', {
    startWorkflowOperation: operation,
    args: [request],
    updateId: `decision:${digest}`,
  });
  if (summary.ignored) console.warn(`nobody knows ${summary.ignored.join(', ')}`);
  return summary;
}

/** The parcel has come, and each unit is as good as new; each paper's id makes a repeat harmless. */
async function receive(handle, items) {
  const { return_id: id } = await handle.query('view');
  const units = items.map(({ line_id, quantity }) => ({ line_id, quantity }));
  const receipt = { receipt_id: `${id}-parcel-1`, complete: true, units };
  await handle.executeUpdate('record_receipt', { args: [receipt], updateId: `receipt:${receipt.receipt_id}` });
  const received = (await handle.query('view')).units.filter((unit) => unit.reception === 'received');
  const graded = received.map(({ unit_id }) => ({ unit_id, accepted: true, grade: 'A' }));
  const inspection = { inspection_id: `${id}-bench-1`, units: graded };
  return handle.executeUpdate('record_inspection', {
    args: [inspection],
    updateId: `inspection:${inspection.inspection_id}`,
  });
}

/** What went wrong, where it was the caller's doing: `InvalidRequest` names the field, `Refused` says why not now. */
function told(error) {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : error;
  return cause instanceof ApplicationFailure ? { type: cause.type, message: cause.message } : undefined;
}

const connection = await Connection.connect({ address: TEMPORAL_ADDRESS });
try {
  const request = JSON.parse(await readFile(process.argv[2], 'utf8'));
  if (!request.return_id) throw new Error(`${process.argv[2]}: return_id: expected an id that names this return`);
  const client = new Client({ connection, namespace: TEMPORAL_NAMESPACE });
  const decided = await start(client, request);
  console.log(JSON.stringify(decided));
  const handle = client.workflow.getHandle(`return-${decided.return_id}`);
  const { closed } = await handle.query('view'); // a repeat may come after the end
  if (!closed) await receive(handle, request.items);
  console.log(JSON.stringify(await handle.result()));
} catch (error) {
  if (!told(error)) throw error;
  console.error(JSON.stringify(told(error)));
  process.exitCode = 2;
} finally {
  await connection.close();
}
