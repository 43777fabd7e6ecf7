#ifndef KATO_JSONGET_H
#define KATO_JSONGET_H

/*
 * Getters for documents of others, parsed by cJSON. Names are looked up case-sensitively. Nothing is
 * copied: strings and nodes live as long as the tree, which the caller who parsed it deletes.
 */

#include <cJSON.h>
#include <stdbool.h>
#include <stddef.h>

/* The whole text as one value; NULL if it is not, or if anything but white space follows. */
cJSON *jsonget_parse(const char *text, size_t len);
/* Along a dotted path: "cpu_stats.cpu_usage.total_usage". NULL: absent, null, or obj is NULL. */
const cJSON *jsonget(const cJSON *obj, const char *path);
bool jsonget_number(const cJSON *obj, const char *path, double *out);	/* finite ones only */
double jsonget_number_or(const cJSON *obj, const char *path, double otherwise);
const char *jsonget_string(const cJSON *obj, const char *path);	/* NULL: absent or not a string */

#endif
