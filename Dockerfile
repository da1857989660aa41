# The image of the action: one static binary and the roots of trust. GitHub
# builds it with this folder as the context and gives no arguments; GO_IMAGE is
# for builds without a registry. It holds Go and ca-certificates; no shell is
# needed in it, since every RUN is in exec form.
ARG GO_IMAGE=golang:1.26.8

FROM ${GO_IMAGE} AS build
ENV CGO_ENABLED=0
WORKDIR /src
COPY . .
RUN ["go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", "/out/plumbline", "."]

# No USER: the workspace and the command files of a step belong to the runner's
# user, whose number differs from runner to runner, and only root can write both.
FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/plumbline /plumbline
ENTRYPOINT ["/plumbline", "action"]
