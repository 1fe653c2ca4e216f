# Kubemark as it is in a folder of programs, which is the context: for tests. It needs a folder for temporary
# files, and nothing else.
FROM scratch
WORKDIR /tmp
COPY kubemark /kubemark
ENTRYPOINT ["/kubemark"]
