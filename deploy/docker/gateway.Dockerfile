# The page, built, and the reverse proxy before the services.
# Written on a machine without a Docker daemon and never built: see README.md beside this file.
FROM node:24.11.1-bookworm-slim AS build
WORKDIR /page
COPY services/agent-desk/package.json services/agent-desk/package-lock.json services/agent-desk/.npmrc ./
RUN npm ci --ignore-scripts
COPY services/agent-desk ./
RUN npm run build

FROM nginx:1.28.0-alpine
COPY deploy/docker/nginx.conf /etc/nginx/templates/default.conf.template
COPY --from=build /page/dist /usr/share/nginx/html
EXPOSE 8080
