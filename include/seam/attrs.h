/* SPDX-License-Identifier: MIT */
/**
 * @file
 * Compiler attributes of the public interface; nothing here has run-time behaviour.
 */
#ifndef SEAM_ATTRS_H
#define SEAM_ATTRS_H

#if defined(__cplusplus)
#define SEAM_BEGIN_DECLS extern "C" {
#define SEAM_END_DECLS }
#else
#define SEAM_BEGIN_DECLS /**< from here on C++ links what is declared as C */
#define SEAM_END_DECLS   /**< up to here */
#endif

/** A conversion in a function that is inlined: C++ programs may forbid C's. */
#if defined(__cplusplus)
#define SEAM_CAST(type, value) static_cast<type>(value)
#else
#define SEAM_CAST(type, value) ((type)(value))
#endif

/** Exported from the shared library; everything else is hidden. */
#define SEAM_PUBLIC __attribute__((visibility("default")))

/** The result says whether the call worked: ignoring it is an error in the caller. */
#define SEAM_NODISCARD __attribute__((warn_unused_result))

#endif
