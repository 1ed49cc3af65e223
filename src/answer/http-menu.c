/* SPDX-License-Identifier: Apache-2.0 */
/* The menu of a group, for each boot program. What is chosen is a configuration of its own, so that we hear of it. */
#include <stdlib.h>

#include "answer/http-reply.h"
#include "answer/http-script.h"
#include "base/memory.h"
#include "lang/grub.h"
#include "lang/ipxe.h"
#include "lang/password.h"
#include "lang/pxelinux.h"
#include "proto/http/percent.h"

#define PXELINUX_MENU "menu.c32"

/* The passwords of one menu as boot programs are told them; texts are NULL where there is no password. Kept with it,
 * since hashing takes long on purpose. */
struct hashes {
    size_t count; /* entries; behind them is the menu's own */
    char **crypt;
    char **pbkdf2;
};

static void hashes_destroy(void *made)
{
    struct hashes *hashes = made;
    for (size_t i = 0; i <= hashes->count; i++) {
        free(hashes->crypt[i]);
        free(hashes->pbkdf2[i]);
    }
    free(hashes->crypt);
    free(hashes->pbkdf2);
    free(hashes);
}

static void add_hash(struct hashes *hashes, size_t index, const char *password, const char *title)
{
    AUTO(text_finish) struct text crypt = {0};
    AUTO(text_finish) struct text pbkdf2 = {0};
    AUTO(free) char *salt = memory_print("%zu %s", index, title);
    if (!password)
        return;
    password_write_crypt(&crypt, password, salt);
    password_write_pbkdf2(&pbkdf2, password, salt);
    hashes->crypt[index] = text_take(&crypt);
    hashes->pbkdf2[index] = text_take(&pbkdf2);
}

static void *make_hashes(const struct menu *menu)
{
    struct hashes *hashes = MEMORY_NEW(struct hashes);
    hashes->count = menu->entry_count;
    hashes->crypt = memory_new(menu->entry_count + 1, sizeof *hashes->crypt);
    hashes->pbkdf2 = memory_new(menu->entry_count + 1, sizeof *hashes->pbkdf2);
    for (size_t i = 0; i < menu->entry_count; i++)
        add_hash(hashes, i, menu->entries[i].password, menu->title);
    add_hash(hashes, menu->entry_count, menu->password, menu->title);
    return hashes;
}

/* One menu while it is put together. */
struct composing {
    enum script_language language;
    const struct menu *menu;
    const struct http_asker *asker;
    const struct http_question *question;
    const struct machine *machine;
    const struct hashes *hashes;
};

/* Where iPXE asks for the script again, as it did, with what it has chosen. A password has to be told with the server's
 * name. */
static char *ipxe_place(const struct composing *composing, const struct menu_entry *entry)
{
    AUTO(text_finish) struct text place = {0};
    const struct labels *sent = &composing->asker->sent;
    const char *host = composing->question->request->host;
    if (menu_password(composing->menu, entry) && host)
        text_print(&place, "http://${username:uristring}:${password:uristring}@%s/", host);
    text_append(&place, "ipxe?");
    for (size_t i = 0; i < sent->count; i++) {
        if (text_is(sent->at[i].name, "profile"))
            continue;
        percent_encode_query(&place, bytes_of_text(sent->at[i].name));
        text_append_char(&place, '=');
        percent_encode_query(&place, bytes_of_text(sent->at[i].value));
        text_append_char(&place, '&');
    }
    text_append(&place, "profile=");
    percent_encode_query(&place, bytes_of_text(entry->profile));
    return text_take(&place);
}

/* Behind the name of the machine's own configuration. */
static char *named_place(const struct composing *composing, const struct menu_entry *entry)
{
    bool grub = composing->language == SCRIPT_GRUB;
    char mac[MAC_TEXT_MAX];
    AUTO(text_finish) struct text path = {0};
    text_append(&path, grub ? "/grub/grub.cfg" : "/pxelinux.cfg/");
    if (composing->machine->mac.size > 0)
        text_print(&path, "%s01-%s", grub ? "-" : "", mac_to_text(mac, &composing->machine->mac, '-'));
    else
        text_append(&path, grub ? "" : "default");
    text_append(&path, SCRIPT_NAME_CHOICE);
    percent_encode_query(&path, bytes_of_text(entry->profile));
    return (grub ? answer_http_grub_name : answer_http_pxelinux_name)(composing->question->request,
                                                                      text_characters(&path));
}

static const char *hash_of(const struct composing *composing, size_t index)
{
    const struct hashes *hashes = composing->hashes;
    switch (composing->language) {
    case SCRIPT_PXELINUX:
        return hashes->crypt[index];
    case SCRIPT_GRUB:
        return hashes->pbkdf2[index];
    case SCRIPT_IPXE:
        break;
    }
    return "";
}

/* place is on the heap, all else borrowed. iPXE cannot ask for a password without a server that knows it. */
static struct menu_item compose_item(const struct composing *composing, size_t index)
{
    const struct menu *menu = composing->menu;
    const struct menu_entry *entry = &menu->entries[index];
    bool own = entry->password;
    struct menu_item item = {.title = entry->title, .user = own && entry->profile ? entry->profile : MENU_USER};
    if (entry->profile)
        item.place = (composing->language == SCRIPT_IPXE ? ipxe_place : named_place)(composing, entry);
    if (menu_password(menu, entry) && (entry->profile || composing->language != SCRIPT_IPXE))
        item.password = hash_of(composing, own ? index : menu->entry_count);
    return item;
}

static bool has_pxelinux_menu(const struct http_settings *settings)
{
    AUTO(free) char *plain = settings->find_plain ? settings->find_plain(settings->plain_context, PXELINUX_MENU) : NULL;
    AUTO(free)
    char *found = settings->find_loader ? settings->find_loader(settings->loader_context, PXELINUX_MENU) : NULL;
    return plain || found;
}

static void write_page(struct text *ret, const struct composing *composing)
{
    static void (*const writers[])(struct text * ret, const struct menu_page *page) = {
        [SCRIPT_PXELINUX] = pxelinux_write_menu, [SCRIPT_GRUB] = grub_write_menu, [SCRIPT_IPXE] = ipxe_write_menu};
    const struct menu *menu = composing->menu;
    struct menu_item *items = memory_new(menu->entry_count, sizeof *items);
    for (size_t i = 0; i < menu->entry_count; i++)
        items[i] = compose_item(composing, i);
    writers[composing->language](ret,
                                 &(struct menu_page){
                                     .title = menu->title,
                                     .timeout = menu->timeout,
                                     .fallback = menu->fallback,
                                     .password = menu->password ? hash_of(composing, menu->entry_count) : NULL,
                                     .module = has_pxelinux_menu(composing->question->settings) ? PXELINUX_MENU : NULL,
                                     .items = items,
                                     .item_count = menu->entry_count,
                                 });
    for (size_t i = 0; i < menu->entry_count; i++)
        free((char *)items[i].place);
    free(items);
}

void answer_http_menu(struct http_reply *ret, enum script_language language, const struct decision *decision,
                      const struct http_asker *asker, const struct http_question *question)
{
    const struct menu *menu = decision->group->menu;
    const struct composing composing = {
        .language = language,
        .menu = menu,
        .asker = asker,
        .question = question,
        .machine = &ret->machine,
        .hashes = menu_make(menu, make_hashes, hashes_destroy),
    };
    write_page(&ret->body, &composing);
    http_reply_be_text(ret, 200, HTTP_TEXT_PLAIN);
    fail(&ret->reason, 0, "the menu of group '%s'", decision->group->id);
}
