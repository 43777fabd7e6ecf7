/* A line of Host, a line of Origin: what is let through is ours or listed, however it is written. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "broadcaster/access.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	static char *names[] = {(char *)"box"};
	static const struct strlist more = {names, 1};
	static const struct access_rules rules = {"http://localhost:3001,https://ui.example", &more, {NULL, 0}};
	char *host = malloc(len + 1), *origin;
	struct access_authority a;
	enum access_origin o;

	if (len)
		memcpy(host, data, len);
	host[len] = '\0';
	origin = strchr(host, '\n');
	if (origin)
		*origin++ = '\0';
	if (access_host(&rules, host)) {
		if (!access_authority(host, strlen(host), &a) || strpbrk(host, " ,/@\t\r\n"))
			abort();
		if (!a.literal && strncasecmp(host, "localhost", 9) && strncasecmp(host, "box", 3))
			abort();
	}
	o = access_origin(&rules, origin, host, false);
	if (o == ORIGIN_LISTED && !strcasestr(origin, "localhost:3001") && !strcasestr(origin, "ui.example"))
		abort();
	if (o == ORIGIN_OWN && (strncasecmp(origin, "http", 4) || !strcasestr(origin, "://")))
		abort();
	if ((o == ORIGIN_NONE) != !origin)
		abort();
	free(host);
	return 0;
}
