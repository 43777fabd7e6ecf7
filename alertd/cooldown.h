#ifndef ALERTD_COOLDOWN_H
#define ALERTD_COOLDOWN_H

/*
 * What is known of each thing that fires or fired lately, and whether to speak of it. Pure: all times
 * are the records' own, in ms.
 *
 *	condition holds		first time: a firing begins, told unless within the cooldown of the last telling
 *				again: told when the cooldown has passed, or at once when its level rose
 *	condition is over	told once, if the firing was told
 *
 * A time that lies more than COOLDOWN_BACK_MS before the last telling is of another timeline: it mutes nothing.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COOLDOWN_BACK_MS = 60000 };

enum level { LEVEL_NONE, LEVEL_INFO, LEVEL_WARNING, LEVEL_ERROR };

struct firing {
	struct firing *prev, *next;	/* of all, oldest first */
	struct firing *chain;
	uint32_t hash;
	size_t rule;		/* whose; see cooldown_remap */
	uint64_t seen;		/* a mark of the caller's */
	bool active;		/* the condition held when last looked at */
	bool told;		/* this firing was */
	bool spoke;		/* something was told ever: spoke_ms counts */
	bool demo;		/* a record of a demo began it; the caller's */
	bool changed;		/* since it was last kept; set by cooldown_add, else the caller's */
	enum level level;	/* of this firing, the highest told or begun with */
	int64_t since_ms, spoke_ms, cooldown_ms;
	size_t len;
	char name[];		/* of the thing, NUL-terminated; empty for a rule about one thing */
};

struct cooldown {
	struct firing *first, *last;
	struct firing **bucket;
	size_t nbuckets, n, max;
	int64_t swept_ms;
	bool swept;
	bool changed, dropped;	/* an entry was, since they were last kept; changed is the caller's, too */
	uint64_t refused;	/* things that found no room */
};

void cooldown_init(struct cooldown *, size_t max);
void cooldown_free(struct cooldown *);
/* A rule's part of the hash; the rest is the thing's name. */
uint32_t cooldown_seed(const char *rule);
/* NULL: nothing is known of it. */
struct firing *cooldown_find(const struct cooldown *, uint32_t seed, size_t rule, const char *name, size_t len);
/*
 * A new entry, to be given to cooldown_fires. With max entries there, those that no longer matter at
 * that time are dropped; NULL: still no room, counted. What has no name always finds room: rules are few.
 */
struct firing *cooldown_add(struct cooldown *, uint32_t seed, size_t rule, const char *name, size_t len, int64_t at);
/* The condition holds, at a level, and if that is news then since some time: is it to be told? */
bool cooldown_fires(struct firing *, enum level, int64_t since, int64_t at, int64_t cooldown_ms);
/* The condition is over: is that to be told? */
bool cooldown_ends(struct firing *);
/* What a demo began is forgotten. */
void cooldown_end_demo(struct cooldown *);
/* Rules were read anew: entry's rule becomes map[rule], or the entry goes where that is not below n. */
void cooldown_remap(struct cooldown *, const size_t *map, size_t n);

#endif
