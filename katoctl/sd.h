#ifndef KATOCTL_SD_H
#define KATOCTL_SD_H

/*
 * What katoctl run tells systemd: READY=1 once each stage serves, waits for its next start or is parked; how the
 * stages are, when that has changed; that it stops; and, as long as its loop turns, that it lives.
 */

#include <stdint.h>

#include "katoctl/super.h"

struct sd *sd_new(void);	/* before any child is started: it cleans the environment */
void sd_del(struct sd *);
/* The socket of a socket unit (LISTEN_FDS) that listens at the path, non-blocking, close-on-exec; -1: none was handed over. */
int sd_socket(const struct sd *, const char *path);
/* Says what is due. */
void sd_step(struct super *, int64_t now_ms);
/* When sd_step is to be called again without an event; INT64_MAX: never. */
int64_t sd_due(const struct super *);
/* The settings are read again. */
void sd_reload(struct super *);

#endif
