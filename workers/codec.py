"""Encrypts what workflows and activities are given and give back, each workflow's with a key of its own.

What Temporal needs to read stays plain: ids, types, search attributes, and the names of what failed.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from os import urandom
from typing import Any, Final, Self

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.client import (
    DescribeWorkflowInput,
    OutboundInterceptor,
    QueryWorkflowInput,
    SignalWorkflowInput,
    StartWorkflowUpdateInput,
    WorkflowUpdateHandle,
)
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.converter import (
    DataConverter,
    DefaultFailureConverterWithEncodedAttributes,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)
from temporalio.exceptions import ApplicationError
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

from gateways.database.engine import Database
from workers.converter import CONVERTER
from workers.data_keys import DataKeys
from workers.master_keys import MasterKeys

ENCODING: Final = b"binary/encrypted"
_KEY: Final = "key"
_NONCE: Final = 12
#: What is read where the key was dropped: JSON, for the UI and whoever looks at what was.
FORGOTTEN: Final = Payload(metadata={"encoding": b"json/plain"}, data=b'"(forgotten)"')
#: What belongs to no workflow, nor to a customer.
_NOBODY: Final = ""
_MOST_PLAIN: Final = 10_000
#: How a start is refused.
PLAIN_START: Final = "PlainStart"


class Codec(PayloadCodec, WithSerializationContext):
    """AES-256-GCM; raises ``Unavailable`` without the database, and ``InvalidTag`` for what was changed on its way."""

    def __init__(self, keys: DataKeys, workflow_id: str = _NOBODY, plain: "PlainInputs | None" = None) -> None:
        self.keys = keys
        self._workflow_id = workflow_id
        self.plain = plain or PlainInputs()

    def with_context(self, context: SerializationContext) -> Self:
        """The same for one workflow's payloads."""
        plain = self.plain if isinstance(context, WorkflowSerializationContext) else None
        return type(self)(self.keys, getattr(context, "workflow_id", None) or _NOBODY, plain)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """See the SDK."""
        key = await self.keys.of_workflow(self._workflow_id)
        return [_encrypted(payload, key.key_id, key.cipher.encrypt) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """See the SDK; what is plain stays so."""
        if payloads:
            self.plain.note(self._workflow_id, any(not _is_encrypted(payload) for payload in payloads))
        return [await self._decoded(payload) for payload in payloads]

    async def _decoded(self, payload: Payload) -> Payload:
        if not _is_encrypted(payload):
            return payload
        key_id = payload.metadata[_KEY].decode()
        key = await self.keys.by_id(key_id)
        if key is None:
            return FORGOTTEN
        nonce, text = payload.data[:_NONCE], payload.data[_NONCE:]
        return Payload.FromString(key.cipher.decrypt(nonce, text, key_id.encode()))


def _is_encrypted(payload: Payload) -> bool:
    return payload.metadata.get("encoding") == ENCODING


def _encrypted(payload: Payload, key_id: str, encrypt: Any) -> Payload:
    nonce = urandom(_NONCE)
    text = encrypt(nonce, payload.SerializeToString(), key_id.encode())
    return Payload(metadata={"encoding": ENCODING, _KEY: key_id.encode()}, data=nonce + text)


class PlainInputs:
    """The workflows of which this process has just read something that was not encrypted."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()

    def note(self, workflow_id: str, is_plain: bool) -> None:
        """Something of this workflow was read."""
        if not is_plain:
            self._ids.pop(workflow_id, None)
            return
        self._ids[workflow_id] = None
        while len(self._ids) > _MOST_PLAIN:
            self._ids.popitem(last=False)

    def __contains__(self, workflow_id: str) -> bool:
        return workflow_id in self._ids


class AskFirst(ClientInterceptor):
    """Has nothing said to a workflow that there is not: what is said to it would be encrypted with a key of its own.

    Only where it has no key yet, as one that there is nearly always has.
    """

    def __init__(self, keys: DataKeys) -> None:
        self._keys = keys

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:  # noqa: A002 (the SDK's name)
        """See the SDK."""
        return _Asking(next, self._keys)


class _Asking(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, keys: DataKeys) -> None:  # noqa: A002 (the SDK's name)
        super().__init__(next)
        self._keys = keys

    async def signal_workflow(self, input: SignalWorkflowInput) -> None:  # noqa: A002 (the SDK's name)
        await self._require(input)
        await super().signal_workflow(input)

    async def query_workflow(self, input: QueryWorkflowInput) -> Any:  # noqa: A002 (the SDK's name)
        await self._require(input)
        return await super().query_workflow(input)

    async def start_workflow_update(self, input: StartWorkflowUpdateInput) -> WorkflowUpdateHandle[Any]:  # noqa: A002 (the SDK's name)
        await self._require(input)
        return await super().start_workflow_update(input)

    async def _require(self, said: SignalWorkflowInput | QueryWorkflowInput | StartWorkflowUpdateInput) -> None:
        """Raise ``RPCError`` as Temporal would, where there is no such workflow."""
        if not await self._keys.has(said.id):
            await self.next.describe_workflow(
                DescribeWorkflowInput(
                    id=said.id, run_id=None, rpc_metadata=said.rpc_metadata, rpc_timeout=said.rpc_timeout
                )
            )


class RefusePlainStarts(Interceptor):
    """Fails a workflow whose start was not encrypted: whoever began it has no key.

    Only at its first task. What began before there was encryption is replayed by now, and goes on.
    """

    def __init__(self, plain: PlainInputs) -> None:
        self._plain = plain

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002, ARG002 (the SDK's)
        """See the SDK: called once for each worker."""
        return type("_Refusing", (_Refusing,), {"plain": self._plain})


class _Refusing(WorkflowInboundInterceptor):
    plain: PlainInputs

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002 (the SDK's name)
        if not workflow.unsafe.is_replaying() and workflow.info().workflow_id in self.plain:
            raise ApplicationError("started without encryption, which is on", type=PLAIN_START, non_retryable=True)
        return await self.next.execute_workflow(input)


def encrypting(db: Database, masters: MasterKeys) -> DataConverter:
    """The converter of every process, with encryption; failures' messages and stack traces are encrypted too."""
    return replace(
        CONVERTER,
        payload_codec=Codec(DataKeys(db, masters)),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def asking_first(converter: DataConverter) -> list[ClientInterceptor]:
    """What a client with this converter does before it says something."""
    codec = converter.payload_codec
    return [AskFirst(codec.keys)] if isinstance(codec, Codec) else []


def plain_starts_of(converter: DataConverter) -> list[Interceptor]:
    """What a worker with this converter refuses."""
    codec = converter.payload_codec
    return [RefusePlainStarts(codec.plain)] if isinstance(codec, Codec) else []
