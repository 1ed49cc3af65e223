/* SPDX-License-Identifier: Apache-2.0 */
/* librnp, loaded when it is needed. */
#include "io/rnp.h"

#include "base/array.h"
#include "io/library.h"

/* Of Debian's librnp0. */
#define SONAME "librnp.so.0"

struct rnp_library rnp_library;

int rnp_library_load(struct diag *why)
{
    static const struct library_function functions[] = {
        {"rnp_buffer_destroy", &rnp_library.buffer_destroy},
        {"rnp_ffi_create", &rnp_library.ffi_create},
        {"rnp_ffi_destroy", &rnp_library.ffi_destroy},
        {"rnp_identifier_iterator_create", &rnp_library.identifier_iterator_create},
        {"rnp_identifier_iterator_destroy", &rnp_library.identifier_iterator_destroy},
        {"rnp_identifier_iterator_next", &rnp_library.identifier_iterator_next},
        {"rnp_input_destroy", &rnp_library.input_destroy},
        {"rnp_input_from_path", &rnp_library.input_from_path},
        {"rnp_key_allows_usage", &rnp_library.key_allows_usage},
        {"rnp_key_export", &rnp_library.key_export},
        {"rnp_key_get_alg", &rnp_library.key_get_alg},
        {"rnp_key_get_default_key", &rnp_library.key_get_default_key},
        {"rnp_key_get_keyid", &rnp_library.key_get_keyid},
        {"rnp_key_get_uid_at", &rnp_library.key_get_uid_at},
        {"rnp_key_handle_destroy", &rnp_library.key_handle_destroy},
        {"rnp_key_have_secret", &rnp_library.key_have_secret},
        {"rnp_key_is_primary", &rnp_library.key_is_primary},
        {"rnp_key_is_protected", &rnp_library.key_is_protected},
        {"rnp_key_unprotect", &rnp_library.key_unprotect},
        {"rnp_load_keys", &rnp_library.load_keys},
        {"rnp_locate_key", &rnp_library.locate_key},
        {"rnp_output_destroy", &rnp_library.output_destroy},
        {"rnp_output_memory_get_buf", &rnp_library.output_memory_get_buf},
        {"rnp_output_to_memory", &rnp_library.output_to_memory},
        {"rnp_result_to_string", &rnp_library.result_to_string},
    };
    return library_load(SONAME, functions, LENGTH(functions), why);
}
