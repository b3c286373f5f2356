# docker build -t deskbell .
# docker run -p 127.0.0.1:8080:8080 -v deskbell:/data -e DESKBELL_PUBLIC_URL=https://desk.example.com deskbell
# To try it on one machine without HTTPS: -e DESKBELL_ALLOW_HTTP=true instead of the public URL.
FROM rust:1.95-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package deskbell && strip target/release/deskbell

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin deskbell \
    && install -d -o deskbell -g deskbell -m 0700 /data
COPY --from=build /src/target/release/deskbell /usr/local/bin/deskbell
USER deskbell
ENV DESKBELL_DATA=/data DESKBELL_LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
WORKDIR /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["deskbell", "check", "--health"]
ENTRYPOINT ["deskbell"]
CMD ["serve"]
