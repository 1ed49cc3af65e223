/* SPDX-License-Identifier: Apache-2.0 */
/* Config documents looked at before anybody asks for them. */
#include "config/document-check.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "lang/ignition.h"
#include "lang/template.h"

/* Adds a reason that may begin with "source:" and "line:column:". */
static void add_fault(const struct catalog_document *document, const char *file, const char *reason,
                      struct faults *faults)
{
    unsigned line = 0;
    unsigned column = 0;
    int read = 0;
    if (text_starts_with(reason, document->source))
        reason += strlen(document->source) + 1;
    if (sscanf(reason, "%u:%u:%n", &line, &column, &read) == 2 && read > 0)
        reason += read;
    else
        line = column = 0;
    faults_add(faults, FAULT_ERROR, file, line, column, "%s", reason + strspn(reason, " "));
}

/* Ignition's own JSON: what is wrong with it, and what is odd about it. */
static bool config_is_usable(const struct catalog_document *document, const char *file, struct faults *faults)
{
    AUTO(report_finish) struct report report = {0};
    int code = ignition_examine(&report, document->content);
    report_add_to_faults(faults, file, &report);
    return code == 0;
}

bool document_is_usable(const struct catalog_document *document, const char *file, struct faults *faults)
{
    struct diag why = {0};
    AUTO(template_destroy) struct template *template = NULL;
    if (document->kind == CATALOG_IGNITION && ignition_name_is_json(document->name))
        return config_is_usable(document, file, faults);
    if (template_parse(&template, document->source, document->content, NULL, 0, &why) == TEMPLATE_OK)
        return true;
    add_fault(document, file, why.text, faults);
    return false;
}
