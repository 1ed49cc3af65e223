/* SPDX-License-Identifier: Apache-2.0 */
/* As much of iPXE's script language as boot scripts need: chain, kernel, initrd, and the settings in URLs. */
#include <stdio.h>
#include <string.h>

#include "storm.h"

const char *url_name(const char *url)
{
    const char *slash = strrchr(url, '/');
    return slash ? slash + 1 : url;
}

/* Appends what a setting is for this machine; those that a BIOS machine may not have are empty. */
static void append_setting(struct text *text, const struct machine *machine, struct bytes name)
{
    const uint8_t *mac = machine->mac;
    char separator = bytes_equal_text(name, "mac:hexhyp") || bytes_equal_text(name, "net0/mac:hexhyp") ? '-' : ':';
    if (memmem(name.data, name.size, "mac", 3) != NULL)
        for (size_t i = 0; i < sizeof machine->mac; i++)
            text_print(text, "%.*s%02x", i > 0, &separator, mac[i]);
    else if (bytes_equal_text(name, "uuid"))
        text_print(text, "00000000-0000-0000-0000-%02x%02x%02x%02x%02x%02x", mac[0], mac[1], mac[2], mac[3], mac[4],
                   mac[5]);
    else if (bytes_equal_text(name, "buildarch") || bytes_equal_text(name, "buildarch:uristring"))
        text_append(text, "i386");
    else if (bytes_equal_text(name, "platform"))
        text_append(text, "pcbios");
}

static void append_expanded(struct text *text, const struct machine *machine, const char *url, size_t size)
{
    for (const char *end = url + size; url < end;) {
        const char *close = url[0] == '$' && url[1] == '{' ? memchr(url, '}', (size_t)(end - url)) : NULL;
        if (close) {
            append_setting(text, machine, bytes_of(url + 2, (size_t)(close - url - 2)));
            url = close + 1;
        } else
            text_append_char(text, *url++);
    }
}

/* The part of the base that a relative URL continues: up to the host for "/path", up to the last slash else. */
static size_t base_size(const char *base, bool is_rooted)
{
    const char *host = strstr(base, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;
    if (!path)
        return strlen(base);
    size_t without_query = strcspn(base, "?");
    if (is_rooted)
        return (size_t)(path - base);
    while (without_query > 0 && base[without_query - 1] != '/')
        without_query--;
    return without_query;
}

bool script_resolve(char ret[STORM_URL_MAX], const struct machine *machine, const char *base, const char *url,
                    size_t size)
{
    AUTO(text_finish) struct text text = {0};
    bool is_absolute = memmem(url, size, "://", 3) != NULL && !memchr(url, '?', 4);
    if (!is_absolute)
        text_append_bytes(&text, bytes_of(base, base_size(base, url[0] == '/')));
    append_expanded(&text, machine, url, size);
    return snprintf(ret, STORM_URL_MAX, "%s", text_characters(&text)) < STORM_URL_MAX;
}

/* The first word behind the command that is no option. */
static const char *url_of_line(size_t *ret_size, const char *line)
{
    const char *word = line + strcspn(line, " \n");
    for (;;) {
        word += strspn(word, " ");
        *ret_size = strcspn(word, " \n");
        if (strncmp(word, "--", 2) != 0)
            return word;
        /* "--name initrd.0": options of these commands have a value. */
        word += *ret_size;
        word += strspn(word, " ");
        word += strcspn(word, " \n");
    }
}

bool script_chains(char ret[STORM_URL_MAX], struct machine *machine, const char *base, const char *script)
{
    for (const char *line = script; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
        size_t size;
        const char *url = url_of_line(&size, line);
        if (strncmp(line, "chain ", 6) == 0)
            return script_resolve(ret, machine, base, url, size);
        if (strncmp(line, "kernel ", 7) == 0)
            script_resolve(machine->kernel, machine, base, url, size);
        else if (strncmp(line, "initrd ", 7) == 0)
            script_resolve(machine->initrd, machine, base, url, size);
    }
    return false;
}
