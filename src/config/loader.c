/* SPDX-License-Identifier: Apache-2.0 */
/* The member "loader" of profiles and groups. */
#include "config/loader.h"

bool member_read_loader(enum loader_choice *ret, const struct member_context *context, const char *name,
                        const struct node *value)
{
    const char *text = node_text(value);
    if (value->kind == NODE_NULL)
        return true;
    if (text && loader_choice_from_text(ret, text))
        return true;
    AUTO(text_finish) struct text known = {0};
    loader_choice_append_known(&known);
    if (text)
        document_fault(context->document, value, context->faults, FAULT_ERROR, "'%s%s' must be %s, not '%s'",
                       context->inside, name, text_characters(&known), text);
    else
        member_is_wrong(context, name, value, text_characters(&known));
    return false;
}
