#ifndef COLLECTORS_CONTAINER_H
#define COLLECTORS_CONTAINER_H

/*
 * What the Engine API says of one container, read into plain structs: an element of its list, a line of
 * its events; Docker's and podman's. Pure: text in, facts out. Of a text only spans are kept, and they
 * live as long as the text. Its figures are in sample.h.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/json.h"
#include "lib/strbuf.h"

enum {
	CONTAINER_ID_MAX = 64,	/* letters and digits; an id goes into the path of a URL */
	CONTAINER_TEXT_MAX = 255,	/* bytes kept of a name or an image */
};

enum container_state {
	CONTAINER_CREATED,
	CONTAINER_RUNNING,
	CONTAINER_PAUSED,
	CONTAINER_RESTARTING,
	CONTAINER_REMOVING,
	CONTAINER_EXITED,
	CONTAINER_DEAD,
	CONTAINER_MISSING,	/* expected, and not there */
};

enum container_health { HEALTH_NONE, HEALTH_STARTING, HEALTH_HEALTHY, HEALTH_UNHEALTHY };

const char *container_state_name(enum container_state);
const char *container_health_name(enum container_health);	/* NULL for HEALTH_NONE */
/* Has it processes, and so figures to read? */
bool container_runs(enum container_state);

/* One element of GET /containers/json. {0} is an empty one; it may be used again and again. */
struct container_listing {
	struct strbuf id, name, image;	/* name without its slash; the id's first 12 letters if it has none */
	enum container_state state;
	enum container_health health;	/* HEALTH_NONE also where the engine's list does not tell */
	struct span labels;
};

/* False: not a container, or one whose id is not one. */
bool container_listing(struct span element, struct container_listing *);
void container_listing_free(struct container_listing *);

enum container_change {
	CHANGE_NONE,
	CHANGE_STATE,	/* to event.state */
	CHANGE_START,	/* to running, with counters from zero */
	CHANGE_HEALTH,
	CHANGE_NAME,
	CHANGE_GONE,
};

/* One line of GET /events. {0} is an empty one; it may be used again and again. */
struct container_event {
	const char *action;	/* Docker's word, also for what podman calls otherwise; static */
	enum container_change change;
	enum container_state state;
	enum container_health health;
	struct strbuf id, name, old_name, image;
	struct strbuf nano;	/* digits of its time, ns since 1970: told exactly, as no double could */
	int64_t ms;		/* the same in ms; 0: unknown */
	bool exited;		/* exit_code is known */
	int exit_code;
	struct span attributes;	/* with Docker its labels are among them */
};

enum container_told {
	TOLD_EVENT,
	TOLD_NOISE,	/* of something else, or something that concerns nobody (exec, attach, top …) */
	TOLD_GARBLED,
};

enum container_told container_event(const char *line, size_t len, struct container_event *);
/* Appends the unique name of the event: part of the id, time, action. */
void container_event_id(const struct container_event *, struct strbuf *out);
/* Appends its container_event record and newline. */
void container_event_write(const struct container_event *, const char *source, int64_t wall, struct strbuf *out);
void container_event_free(struct container_event *);

#endif
