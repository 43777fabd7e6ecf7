#ifndef BROADCASTER_SERVERHEAP_H
#define BROADCASTER_SERVERHEAP_H

/*
 * Memory for libwebsockets' request headers, apart from all other: they live for a moment and take twice what a client
 * does that stays. Among the clients on the heap they would leave holes that no client fits, for good, after thousands
 * connected at once. Here what a storm took goes back to the system.
 */

#include <stddef.h>

/*
 * Before lws_create_context; for so many connections at most (more are served from the heap), each with so many bytes of
 * headers (max_http_header_data).
 */
void serverheap_init(size_t connections, size_t header_bytes);

#endif
