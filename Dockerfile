# MCP over HTTP with everything that it needs, as a user without rights; docs/operating.md says how to run it.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts ./scripts
COPY view ./view
COPY src ./src
RUN npm run build

# Only what runs. The libraries are in dist, and Node 24 has SQLite in it.
FROM node:24-bookworm-slim
WORKDIR /app
RUN install -d -o node -g node -m 700 /data /lists
COPY --from=build /app/dist ./dist
COPY package.json README.md LICENSE ./
COPY bin ./bin
COPY examples/contacts.csv ./examples/contacts.csv
ENV NODE_ENV=production BATCH_CALL_DATA_DIR=/data BATCH_CALL_FILES_DIR=/lists BATCH_CALL_HTTP_HOST=0.0.0.0 BATCH_CALL_HTTP_PORT=3000
USER node
VOLUME ["/data", "/lists"]
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.BATCH_CALL_HTTP_PORT}/healthz`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "bin/batch-call-mcp.cjs"]
CMD ["http"]
