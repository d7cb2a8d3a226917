# docker build -t smtplint . && docker run --rm --volume "$PWD:/src:ro" smtplint
FROM python:3.13-slim AS build
COPY pyproject.toml README.md LICENSE /smtplint/
COPY smtplint /smtplint/smtplint
COPY rules /smtplint/rules
RUN python -m venv /opt/smtplint && /opt/smtplint/bin/pip install --no-cache-dir /smtplint \
    && /opt/smtplint/bin/pip uninstall --yes pip

FROM python:3.13-slim
COPY --from=build /opt/smtplint /opt/smtplint
# The files that are checked belong to somebody else, and nothing here needs rights.
USER 65534:65534
WORKDIR /src
ENTRYPOINT ["/opt/smtplint/bin/smtplint"]
