# One image for every process: the command says which one runs.
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
# Not `npm ci`: it refuses a lock file that leaves out the optional binaries of other platforms. Same versions either way.
RUN npm install --no-save --no-audit --no-fund --ignore-scripts --loglevel=error
COPY tsconfig.json tsconfig.build.json ./
COPY shared shared
COPY services services
COPY infra/postgres infra/postgres
RUN npm run -s build && find dist -name '*.map' -delete

FROM ${NODE_IMAGE} AS modules
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm install --no-save --omit=dev --no-audit --no-fund --ignore-scripts --loglevel=error

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="enrichment-pipeline" \
      org.opencontainers.image.description="Enriches thin track and movie records from rate-limited metadata services." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production \
    LOG_FORMAT=json \
    HEALTH_HOST=0.0.0.0 \
    HEALTH_PORT=9464
WORKDIR /app
COPY --from=modules /build/node_modules node_modules
# The sandbox reads what its movies are from this one file of a package that is no dependency of the others.
COPY --from=build /build/node_modules/vega-datasets/data/movies.json node_modules/vega-datasets/data/
COPY package.json NOTICE LICENSE ./
COPY bin bin
COPY infra/postgres/migrations infra/postgres/migrations
COPY services/provider-sandbox/catalogue/tracks.csv services/provider-sandbox/catalogue/
COPY --from=build /build/dist dist
RUN ln -s /app/bin/enrich.js /usr/local/bin/enrich
# Nothing below /app is theirs: the root file system may be read-only.
USER node
# Ready = connected and at work. Docker restarts nothing for it; `docker compose ps` shows it. Bash, since starting node for
# it every half a minute would be a third of what an idle worker takes.
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/$HEALTH_PORT && printf 'GET /readyz HTTP/1.0\\r\\n\\r\\n' >&3 && read -r status <&3 && [[ $status == *' 200 '* ]]"]
STOPSIGNAL SIGTERM
CMD ["node", "dist/services/worker/main.js"]
