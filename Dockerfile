# SPDX-License-Identifier: MIT
# Debian 12 with all that the project needs, and its programs built.
#   docker build -t sweepstakes .
#   docker run --rm -v "$PWD/results:/sweepstakes/results" sweepstakes
FROM debian:bookworm
RUN apt-get update && apt-get install -y --no-install-recommends \
      ca-certificates gcc git libc6-dev make cmake
WORKDIR /sweepstakes
COPY cmake/setup.sh cmake/setup.sh
RUN cmake/setup.sh test
COPY . .
RUN make release
CMD ["make", "bench"]
