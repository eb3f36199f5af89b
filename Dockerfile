FROM python:3.13-slim-trixie AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/gebaeude
ENV PATH=/opt/gebaeude/bin:$PATH
# The libraries change less often than the code: a layer of their own.
COPY requirements.txt /src/
RUN pip install --require-hashes --only-binary :all: -r /src/requirements.txt
COPY . /src
RUN pip install --no-deps --no-build-isolation /src && python -m compileall -q /opt/gebaeude

FROM python:3.13-slim-trixie
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin gebaeude
COPY --from=build /opt/gebaeude /opt/gebaeude
ENV PATH=/opt/gebaeude/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER gebaeude
WORKDIR /tmp
EXPOSE 8050
ENTRYPOINT ["gebaeude"]
CMD ["serve"]
