/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of boot programs by name. */
#include "boot/loader-choice.h"

#include "base/array.h"

/* The first name of a choice is the one it is shown by. */
static const struct {
    const char *name;
    enum loader_choice choice;
} names[] = {
    {"auto", LOADER_CHOICE_AUTO},        {"ipxe", LOADER_CHOICE_IPXE},         {"snponly", LOADER_CHOICE_SNPONLY},
    {"undionly", LOADER_CHOICE_SNPONLY}, {"pxelinux", LOADER_CHOICE_PXELINUX}, {"lpxelinux", LOADER_CHOICE_LPXELINUX},
    {"grub", LOADER_CHOICE_GRUB},        {"shim", LOADER_CHOICE_SHIM},         {"uki", LOADER_CHOICE_UKI},
    {"none", LOADER_CHOICE_NONE},        {"local", LOADER_CHOICE_NONE},
};

const char *loader_choice_to_text(enum loader_choice choice)
{
    for (size_t i = 0; i < LENGTH(names); i++)
        if (names[i].choice == choice)
            return names[i].name;
    return "";
}

bool loader_choice_from_text(enum loader_choice *ret, const char *text)
{
    for (size_t i = 0; i < LENGTH(names); i++)
        if (text_is(names[i].name, text)) {
            *ret = names[i].choice;
            return true;
        }
    return false;
}

const char *loader_choice_name_at(size_t index)
{
    return index < LENGTH(names) ? names[index].name : NULL;
}

void loader_choice_append_known(struct text *text)
{
    for (size_t i = 0; i < LENGTH(names); i++)
        text_print(text, "%s%s", i == 0 ? "" : i + 1 < LENGTH(names) ? ", " : " or ", names[i].name);
}
