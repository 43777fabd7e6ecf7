#include <string.h>
#include <strings.h>

#include "collectors/weburl.h"

const char *
weburl_fault(const char *url, bool query)
{
	bool tls = !strncasecmp(url, "https://", 8);

	if (!tls && strncasecmp(url, "http://", 7) != 0)
		return "want http://HOST:PORT or https://HOST:PORT";
	if (!url[tls ? 8 : 7] || strchr("/?#", url[tls ? 8 : 7]))
		return "it names no host";
	for (const char *p = url; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return "it has a blank in it";
		else if (!query && (*p == '?' || *p == '#'))
			return "it may have a path, but no ? and no #";
	return NULL;
}
