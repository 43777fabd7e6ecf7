#ifndef BROADCASTER_NEWSFORM_H
#define BROADCASTER_NEWSFORM_H

/* One piece of news as it is told, in each dialect made once. Of the hub; pure. */

#include "broadcaster/audience.h"
#include "broadcaster/subject.h"

struct news {	/* {.type, .id, .event, .wall} is one that was not told yet */
	const char *type, *id;
	const struct event *event;	/* NULL: that thing is gone */
	int64_t wall;
	struct {
		bool made;
		struct frame *frame;	/* NULL: it is not fit for that dialect */
		struct subject about;
	} in[DIALECTS_MAX];
};

/* Borrowed; NULL: this audience gets none. */
struct frame *news_frame(const struct hub *, struct news *, const struct audience *);
void news_free(struct news *);

#endif
