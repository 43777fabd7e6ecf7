#ifndef COLLECTORS_ENTRY_H
#define COLLECTORS_ENTRY_H

/* One container of the roster, shared by roster.c and rosterline.c; nobody else's business. */

#include "collectors/container.h"
#include "collectors/roster.h"

struct roster_entry {
	char *id, *name, *image;
	enum container_state state;
	enum container_health health;
	struct sample sample;	/* the newest, if sampled */
	struct usage usage;	/* if measured */
	bool sampled, measured;
	bool again;	/* a second sample is wanted */
	bool wanted;	/* in this round, not yet asked for */
	bool listed;	/* in the last list */
	bool labelled;	/* wanted for a label: a new name changes nothing */
	bool gone;	/* removed; kept a while, because a list may still name it */
	bool told;	/* by an event, at told_mono */
	bool untold;	/* a list changed its state at untold_mono, and no event has told why */
	int64_t told_mono, untold_mono;
	bool born;	/* by an event, and not started yet; at stamp */
	int64_t stamp;	/* wall: of its figures, or of its last change */
};

#endif
