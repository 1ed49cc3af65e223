/* SPDX-License-Identifier: Apache-2.0 */
/* Media types by a file's name. */
#include "proto/http/media-type.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#define TEXT "text/plain; charset=utf-8"

static const struct {
    const char *extension;
    const char *type;
} types[] = {
    {"efi", "application/efi"},
    {"iso", "application/vnd.efi-iso"},
    {"img", "application/vnd.efi-img"},
    /* What a machine or a person reads as text. */
    {"asc", TEXT},
    {"cfg", TEXT},
    {"conf", TEXT},
    {"ign", TEXT},
    {"ignition", TEXT},
    {"ipxe", TEXT},
    {"ks", TEXT},
    {"list", TEXT},
    {"log", TEXT},
    {"md", TEXT},
    {"preseed", TEXT},
    {"pub", TEXT},
    {"seed", TEXT},
    {"service", TEXT},
    {"sh", TEXT},
    {"sha256", TEXT},
    {"sha512", TEXT},
    {"txt", TEXT},
    {"yaml", TEXT},
    {"yml", TEXT},
    /* What a browser shows. */
    {"css", "text/css; charset=utf-8"},
    {"gif", "image/gif"},
    {"htm", "text/html; charset=utf-8"},
    {"html", "text/html; charset=utf-8"},
    {"ico", "image/vnd.microsoft.icon"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"svg", "image/svg+xml"},
    {"wasm", "application/wasm"},
    {"webp", "image/webp"},
    {"xml", "text/xml; charset=utf-8"},
};

const char *http_media_type(const char *name)
{
    const char *slash = strrchr(name, '/');
    const char *dot = strrchr(slash ? slash : name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof types[0]; i++)
        if (strcasecmp(dot + 1, types[i].extension) == 0)
            return types[i].type;
    return "application/octet-stream";
}
