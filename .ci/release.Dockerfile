# The image of a release: the same as that of Dockerfile, from a program that is
# built already. The context has plumbline-linux-ARCH and ca-certificates.crt.
FROM scratch
ARG TARGETARCH
COPY ca-certificates.crt /etc/ssl/certs/
COPY plumbline-linux-${TARGETARCH} /plumbline
ENTRYPOINT ["/plumbline", "action"]
