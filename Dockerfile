# Built apart: what builds and installs is no part of the image that runs.
FROM python:3.11-slim AS build

ENV PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

# The libraries first: they change less often than the code. Without the extra `local`: Temporal runs elsewhere.
WORKDIR /build
COPY requirements.lock .
RUN python -m venv --without-pip /opt/homeward \
    && python -m pip --python /opt/homeward/bin/python install --require-hashes --requirement requirements.lock

COPY pyproject.toml README.md LICENSE ./
COPY lifecycle lifecycle
COPY gateways gateways
COPY client client
COPY activities activities
COPY workflows workflows
COPY workers workers
COPY starter starter
COPY content content
RUN python -m pip --python /opt/homeward/bin/python install --no-deps --no-build-isolation .


FROM python:3.11-slim

# What `homeward --version` and the metrics say of it: `docker build --build-arg HOMEWARD_BUILD=$(git rev-parse --short HEAD)`.
ARG HOMEWARD_BUILD=
ENV PYTHONUNBUFFERED=1 \
    PATH=/opt/homeward/bin:$PATH \
    HOMEWARD_BUILD=$HOMEWARD_BUILD

# Nothing is installed into a running container.
RUN python -m pip uninstall --yes setuptools wheel pip \
    && rm -r /usr/local/lib/python3.11/ensurepip \
    && useradd --system --create-home --uid 10001 homeward
COPY --from=build /opt/homeward /opt/homeward

USER homeward
WORKDIR /home/homeward

# The worker drains its queues on SIGTERM.
STOPSIGNAL SIGTERM
ENTRYPOINT ["homeward"]
CMD ["worker"]
