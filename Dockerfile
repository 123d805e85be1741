FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

# The libraries first: they change less often than the code.
WORKDIR /build
COPY requirements.lock .
RUN python -m pip install --require-hashes --requirement requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY lifecycle lifecycle
COPY gateways gateways
COPY activities activities
COPY workflows workflows
COPY workers workers
COPY starter starter
COPY content content
RUN python -m pip install --no-deps --no-build-isolation . \
    && useradd --system --create-home --uid 10001 homeward

USER homeward
WORKDIR /home/homeward

# The worker drains its queues on SIGTERM.
STOPSIGNAL SIGTERM
ENTRYPOINT ["homeward"]
CMD ["worker"]
