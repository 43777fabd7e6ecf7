#ifndef KATOCTL_PACE_H
#define KATOCTL_PACE_H

/*
 * When a recorded line is due again. Pure; stamp is the line's own time, now and due are of one clock,
 * all in ms.
 *
 * Lines keep the distances their stamps have, divided by speed. A stamp a little older than the newest
 * (collectors side by side) is due at once. A step of more than PACE_BACK_MS back or PACE_AHEAD_MS ahead
 * is another time: its first line is due at once and the distances count from there. A reader that held
 * us up for more than PACE_LATE_MS is not made up for.
 */

#include <stdbool.h>
#include <stdint.h>

enum { PACE_BACK_MS = 60000, PACE_AHEAD_MS = 3600000, PACE_LATE_MS = 2000, PACE_GAP_MS = 1000, PACE_GAP_MAX_MS = 10000 };

struct pace {
	double speed;		/* infinite: no waiting */
	bool begun, again;
	int64_t newest;		/* stamp */
	int64_t from;		/* the stamp that was due at due_from */
	double due_from;
	int64_t gap;		/* the last distance between two stamps */
};

void pace_init(struct pace *, double speed);
/* The next line is the first of another round: due a usual gap after the last. */
void pace_again(struct pace *);
/* When the line is due. */
double pace_due(struct pace *, int64_t stamp, int64_t now);
/* What time the stamp of the line that pace_due was last asked for has on the clock of now. */
double pace_time(const struct pace *, int64_t stamp);

#endif
