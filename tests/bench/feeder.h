#ifndef BENCH_FEEDER_H
#define BENCH_FEEDER_H

/* The records that a server is fed: numbered events of any length, JSON that compresses as such does; and what else it is given. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where they go: a pipe (made non-blocking), or as the body of a POST each to http://127.0.0.1:port/path. */
void feeder_to_pipe(int fd);
void feeder_to_http(int port, const char *path);
/* The next numbered event: so many bytes (at least 160), without its newline. Never waits; what does not go now goes later. */
void feeder_event(uint64_t number, size_t bytes);
/* A line as it is, without its newline. */
void feeder_line(const char *, size_t);
/* So many bytes of JSON, an object, that differ from call to call. Valid until the next call. */
const char *feeder_object(size_t bytes);
/* Tries to hand over what is left; true: nothing is. */
bool feeder_flush(void);
size_t feeder_left(void);

#endif
