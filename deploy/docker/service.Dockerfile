# One image for any Python service; docker-compose.yml names the folder and the package of each.
# Written on a machine without a Docker daemon and never built: see README.md beside this file.
FROM python:3.11.13-slim-bookworm AS build
ARG FOLDER
WORKDIR /app
COPY deploy/local/bootstrap.lock requirements.lock ./
RUN python -m venv /opt/careline \
 && /opt/careline/bin/pip install --no-cache-dir --no-deps --require-hashes -r bootstrap.lock
COPY shared shared
COPY services/${FOLDER} services/${FOLDER}
# The lock holds what development needs too, so it serves as the list of allowed versions and hashes only.
RUN /opt/careline/bin/uv pip install --python /opt/careline/bin/python --no-cache --no-sources \
      --constraint requirements.lock -e shared -e services/${FOLDER} \
 && /opt/careline/bin/pip uninstall --yes uv pip

FROM python:3.11.13-slim-bookworm
ARG PACKAGE
# The router prints cards.
RUN [ "$PACKAGE" != interaction_router ] || { apt-get update \
 && apt-get install -y --no-install-recommends fonts-noto-cjk && rm -rf /var/lib/apt/lists/*; }
ENV PACKAGE=${PACKAGE} PYTHONUNBUFFERED=1 PATH=/opt/careline/bin:$PATH
COPY --from=build /opt/careline /opt/careline
COPY --from=build /app /app
RUN useradd --system --uid 10001 careline && install -d -o careline /data
WORKDIR /app
USER careline
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["sh", "-c", "python -m $PACKAGE migrate && exec python -m $PACKAGE serve"]
