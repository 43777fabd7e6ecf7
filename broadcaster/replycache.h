#ifndef BROADCASTER_REPLYCACHE_H
#define BROADCASTER_REPLYCACHE_H

/* The latest answers, so that a hundred who ask for the same at the same moment share one body. Pure. */

#include "broadcaster/reply.h"

enum { REPLYCACHE_SLOTS = 8, REPLYCACHE_KEY_MAX = 256, REPLYCACHE_BYTES = 4 << 20 };	/* bytes: of one body; larger ones are not kept */

struct replycache {	/* {0} is an empty one */
	struct {
		char key[REPLYCACHE_KEY_MAX];
		uint64_t stamp;
		const char *type;
		int64_t modified_ms;
		struct body *body;
	} slot[REPLYCACHE_SLOTS];
	unsigned next;
};

/* What was answered to this key while the stamp was this; false: nothing that is still here. */
bool replycache_get(const struct replycache *, const char *key, uint64_t stamp, struct reply *);
/* Keeps an answer with status 200 and no headers of its own. */
void replycache_put(struct replycache *, const char *key, uint64_t stamp, const struct reply *);
void replycache_free(struct replycache *);

#endif
