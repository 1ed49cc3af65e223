/* SPDX-License-Identifier: Apache-2.0 */
/* Single fields. */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/text.h"
#include "lang/ignition/hooks.h"
#include "lang/ignition/paths.h"
#include "lang/ignition/url.h"

const char *path_fault(const char *path)
{
    if (!path || path[0] == '\0')
        return "path not specified: write where it is, from / on";
    if (path[0] != '/')
        return "path not absolute: begin it with /";
    size_t length = strlen(path);
    bool is_clean = length == 1 || path[length - 1] != '/';
    for (const char *part = path; part && is_clean && length > 1; part = strchr(part + 1, '/')) {
        size_t size = strcspn(part + 1, "/");
        is_clean = size > 0 && !(size == 1 && part[1] == '.') && !(size == 2 && strncmp(part + 1, "..", 2) == 0);
    }
    return is_clean ? NULL : "path is not fully simplified: leave out '//', '/./', '/../' and a '/' at its end";
}

void check_path(struct draft *draft, const struct item *item)
{
    const char *fault = path_fault((const char *)item->text.data);
    if (fault)
        draft_say(draft, FAULT_ERROR, item, "%s", fault);
}

void check_optional_path(struct draft *draft, const struct item *item)
{
    if (item->text.size > 0)
        check_path(draft, item);
}

void check_raid_device(struct draft *draft, const struct item *item)
{
    check_path(draft, item);
}

void check_mode(struct draft *draft, const struct item *item)
{
    if (item->integer < 0 || item->integer > 07777)
        draft_say(draft, FAULT_ERROR, item, "illegal file mode: it is %" PRId64 ", and the largest is %d, octal 07777",
                  item->integer, 07777);
    else if ((item->integer & 07000) && draft->minor < 6)
        draft_say(draft, FAULT_WARNING, item,
                  "setuid/setgid/sticky bits are not supported or functional in spec versions older than 3.6.0");
}

void check_guid(struct draft *draft, const struct item *item)
{
    static const char form[] = "01234567-89AB-CDEF-EDCB-A98765432101";
    const char *guid = (const char *)item->text.data;
    bool is_good = item->text.size == 0 || item->text.size == strlen(form);
    for (size_t i = 0; i < item->text.size && is_good; i++)
        is_good = form[i] == '-' ? guid[i] == '-' : isxdigit((unsigned char)guid[i]) != 0;
    if (!is_good)
        draft_say(draft, FAULT_ERROR, item, "'%s' doesn't match the form \"%s\"", guid, form);
}

static void check_proxy(struct draft *draft, const struct item *item, bool may_be_plain)
{
    char scheme[URL_SCHEME_MAX];
    bool is_url = url_scheme(scheme, (const char *)item->text.data);
    if (!is_url || (!text_is(scheme, "http") && !text_is(scheme, "https")))
        draft_say(draft, FAULT_ERROR, item, "proxies must be http(s): write \"http://proxy.example.com:3128\"");
    else if (!may_be_plain && text_is(scheme, "http"))
        draft_say(draft, FAULT_WARNING, item, "insecure plaintext HTTP proxy specified for HTTPS resources");
}

void check_http_proxy(struct draft *draft, const struct item *item)
{
    check_proxy(draft, item, true);
}

void check_https_proxy(struct draft *draft, const struct item *item)
{
    check_proxy(draft, item, false);
}
