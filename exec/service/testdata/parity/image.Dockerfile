FROM scratch AS plain
COPY inside /inside
ENTRYPOINT ["/inside"]
WORKDIR /image
COPY files/config.txt /image/config.txt

FROM plain AS told
ARG GREETING=none
ENV GREETING=$GREETING STAGE=told
RUN ["/inside", "report", "/built.json"]

FROM plain AS last
ENV STAGE=last
