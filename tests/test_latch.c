/* SPDX-License-Identifier: MIT */
/* The two copies: a writer that dies anywhere, readers that are overtaken, and the next writer. */
#include "unit.h"

#include "arrays.h"
#include "lists.h"
#include "objects/test_hooks.h"

#include <pthread.h>

TestSuite(latch, .init = test_begin, .fini = test_end);

#define BYTES 40

/** A latch in private memory; a line of padding lies between the copies. */
struct bench {
    _Atomic uint64_t sequence;
    _Atomic uint32_t quiet_wanted;
    _Alignas(64) uint8_t copies[128];
    struct seam_latch latch;
};

static void set_up(struct bench *bench, uint64_t sequence)
{
    *bench = (struct bench){.sequence = sequence};
    bench->latch =
        (struct seam_latch){&bench->sequence, bench->copies, BYTES, BYTES, &bench->quiet_wanted};
    test_message_fill(bench->copies, sizeof(bench->copies), sequence);
}

Test(latch, levelling_copies_what_it_was_told_to)
{
    const uint64_t sequences[] = {0, 1, 6, UINT64_MAX};
    for (size_t i = 0; i < 4; i++) {
        for (uint64_t offset = 0; offset <= BYTES; offset += 8) {
            for (uint64_t bytes = 0; bytes <= BYTES - offset; bytes += 8) {
                struct bench bench;
                set_up(&bench, sequences[i]);
                uint8_t whole[128];
                memcpy(whole, bench.copies, sizeof(whole));
                size_t now = sequences[i] % 2 * 64, spare = 64 - now;
                cr_assert_eq(seam_latch_spare(&bench.latch), bench.copies + spare);
                seam_latch_level(&bench.latch, offset, bytes);
                memcpy(whole + spare + offset, whole + now + offset, bytes);
                cr_assert_eq(memcmp(whole, bench.copies, sizeof(whole)), 0);
            }
        }
    }
}

Test(latch, readers_are_told_that_they_were_overtaken)
{
    struct bench bench;
    const uint8_t *copy;
    for (uint64_t sequence = UINT64_MAX - 3; sequence != 3; sequence++) {
        set_up(&bench, sequence);
        uint64_t seen = seam_latch_look(&bench.latch, &copy);
        cr_expect_eq(copy, bench.copies + sequence % 2 * 64);
        cr_expect_neq(copy, seam_latch_spare(&bench.latch));
        cr_expect(seam_latch_is(&bench.latch, seen));
        seam_latch_flip(&bench.latch);
        cr_expect_not(seam_latch_is(&bench.latch, seen));
        cr_expect_eq(copy, seam_latch_spare(&bench.latch));
        seam_latch_flip(&bench.latch);
        cr_expect_not(seam_latch_is(&bench.latch, seen), "the same copy, but not the same time");
    }
}

Test(latch, readers_ask_for_a_pause_and_give_up_in_the_end)
{
    struct bench bench;
    struct seam_latch_tries tries = {0};
    unsigned rounds = 1;
    set_up(&bench, 0);
    cr_expect(seam_latch_again(&bench.latch, &tries, BYTES));
    cr_expect_eq(load_relaxed(&bench.quiet_wanted), 0, "once is no reason");
    while (rounds < 10 && load_relaxed(&bench.quiet_wanted) == 0) {
        cr_expect(seam_latch_again(&bench.latch, &tries, BYTES));
        rounds++;
    }
    cr_expect_eq(load_relaxed(&bench.quiet_wanted), 1, "for one KiB");
    seam_latch_enter(&bench.latch, false);
    cr_expect_eq(load_relaxed(&bench.quiet_wanted), 0, "granted");
    cr_expect(seam_latch_again(&bench.latch, &tries, UINT64_C(1) << 60));
    cr_expect_eq(load_relaxed(&bench.quiet_wanted), UINT32_MAX, "not enough");
    seam_latch_enter(&bench.latch, false); /* for no longer than all there is may take */
    cr_expect(seam_latch_again(&bench.latch, &tries, 2048));
    seam_latch_done(&bench.latch, &tries);
    cr_expect_eq(load_relaxed(&bench.quiet_wanted), 0, "not wanted any more");
    tries.until_ns = seam_deadline_in_ns(0);
    cr_expect_not(seam_latch_again(&bench.latch, &tries, BYTES), "patience has an end");
}

/** As long as readers are thought to need, and a second at most; else this takes minutes. */
Test(latch, pauses_are_short, .timeout = 60)
{
    struct bench bench;
    set_up(&bench, 0);
    bench.latch.most = UINT64_C(1) << 50;
    for (int i = 0; i < 200; i++) {
        store_relaxed(&bench.quiet_wanted, 1);
        seam_latch_enter(&bench.latch, false);
    }
    store_relaxed(&bench.quiet_wanted, UINT32_MAX);
    seam_latch_enter(&bench.latch, false);
    cr_expect_eq(load_relaxed(&bench.quiet_wanted), 0, "granted");
}

/* ---- arrays ---- */

struct scribbler {
    _Atomic uint64_t *sequence;
    _Atomic bool over;
};

/** Changes the sequence all the time, as no writer of ours does. */
static void *scribble(void *context)
{
    struct scribbler *scribbler = context;
    while (!load_relaxed(&scribbler->over)) {
        add_relaxed(scribbler->sequence, 1);
    }
    return NULL;
}

Test(latch, a_reader_of_what_never_rests_gives_up, .timeout = 120)
{
    enum { LENGTH = 1 << 20 };
    struct seam_array *array = array_new(SEAM_INT64, SEAM_LOCKED, LENGTH, 0);
    struct scribbler scribbler = {.sequence = array->latch.sequence};
    int64_t *elements = calloc(LENGTH, sizeof(*elements));
    int64_t deadline_ns = seam_deadline_in_ns(INT64_C(60000000000));
    pthread_t thread;
    int error = 0;
    cr_assert_not_null(elements);
    cr_assert_eq(pthread_create(&thread, NULL, scribble, &scribbler), 0);
    seam_test_patience_ns = 1000000;
    while (error == 0 && seam_now_ns() < deadline_ns) { /* where the thread rests, it is whole */
        error = seam_array_copy_out(array, 0, LENGTH, elements);
    }
    store_relaxed(&scribbler.over, true);
    cr_expect_eq(pthread_join(thread, NULL), 0);
    cr_expect_eq(error, -EAGAIN);
    free(elements);
    seam_array_close(array);
}

/** Leaves the lock to one who is dead, and anything in the copy that nobody reads. */
static void die_writing(struct seam_object *base, const struct seam_latch *latch, uint64_t random)
{
    test_message_fill(seam_latch_spare(latch), latch->bytes, random);
    store_relaxed(&base->head->lock.holder, 0x12345);
}

Test(latch, what_a_dead_writer_left_in_an_array_is_put_right)
{
    const struct seam_array_options reading = {.access = SEAM_READ_ONLY};
    struct seam_array *array = array_new(SEAM_INT16, SEAM_LOCKED, ARRAY_LENGTH, 0), *reader;
    int16_t model[ARRAY_LENGTH] = {0};
    cr_assert_eq(seam_array_reopen(array, &reading, &reader), 0);
    for (size_t i = 0; i < 60; i++) {
        const size_t at = i * 5 % (ARRAY_LENGTH - 1);
        const int16_t number = (int16_t)(i + 1), pair[] = {number, number};
        int16_t got, old = model[at];
        die_writing(&array->object, &array->latch, i);
        cr_expect_eq(seam_array_get(reader, at, &got), 0);
        cr_expect_eq(got, old, "readers see what was whole");
        const bool aborted = i % 6 == 5;
        switch (i % 6) {
        case 0:
            cr_expect_eq(seam_array_set(array, at, &number), 0);
            break;
        case 1:
            cr_expect_eq(seam_array_compare_exchange(array, at, &old, &number), 1);
            break;
        case 2:
            cr_expect_eq(seam_array_fill(array, at, 1, &number), 0);
            break;
        case 3:
            cr_expect_eq(seam_array_copy_in(array, at, 2, pair), 0);
            model[at + 1] = number;
            break;
        default:
            cr_expect_eq(seam_array_begin(array), 0);
            cr_expect_eq(seam_array_get(array, at, &got), 0);
            cr_expect_eq(got, old, "and so does the transaction");
            cr_expect_eq(seam_array_set(array, at, &number), 0);
            cr_expect_eq(aborted ? seam_array_abort(array) : seam_array_commit(array), 0);
            break;
        }
        if (!aborted) {
            model[at] = number;
        }
        array_expect(array, (const uint8_t *)model, "both copies are whole again");
        array_expect(reader, (const uint8_t *)model, "both copies are whole again");
    }
    seam_array_close(reader);
    seam_array_close(array);
}

Test(latch, putting_right_does_not_need_a_change)
{
    struct seam_array *array = array_new(SEAM_INT64, SEAM_LOCKED, 4, 0);
    int64_t model[4] = {1, 2, 3, 4}, other = 7;
    cr_expect_eq(seam_array_copy_in(array, 0, 4, model), 0);
    die_writing(&array->object, &array->latch, 1);
    cr_expect_eq(seam_array_compare_exchange(array, 1, &other, &other), 0);
    cr_expect_eq(other, 2);
    array_expect(array, (const uint8_t *)model, "compared in vain");
    die_writing(&array->object, &array->latch, 2);
    cr_expect_eq(seam_array_fill(array, 4, 0, &other), 0);
    array_expect(array, (const uint8_t *)model, "of no elements");
    die_writing(&array->object, &array->latch, 3);
    struct seam_array *late = array_again(array);
    cr_expect_eq(seam_array_begin(late), 0);
    seam_array_close(late);
    array_expect(array, (const uint8_t *)model, "closed");
    seam_array_close(array);
}

/* ---- lists ---- */

static ssize_t grow_by_one(void *element, size_t size, size_t most, void *context)
{
    uint8_t *bytes = element;
    bytes[size] = *(uint8_t *)context;
    return size < most ? (ssize_t)size + 1 : -1;
}

/** One change of each kind, and what becomes of the model. */
static void change_list(struct seam_list *list, struct model *model, size_t kind, uint8_t byte)
{
    uint8_t buffer[MODEL_ELEMENT], bytes[] = {byte, 0, byte};
    size_t at = byte % model->count;
    switch (kind) {
    case 0:
        cr_assert_eq(seam_list_append(list, bytes, 3), (ssize_t)model->count);
        model_insert(model, model->count, bytes, 3);
        break;
    case 1:
        cr_assert_eq(seam_list_insert(list, at, bytes, 2), 0);
        model_insert(model, at, bytes, 2);
        break;
    case 2:
        cr_assert_eq(seam_list_set(list, at, bytes, 1), 0);
        model_put(model, at, bytes, 1);
        break;
    case 3:
        cr_assert_eq(seam_list_pop(list, at, buffer, sizeof(buffer)),
                     (ssize_t)model->elements[at].size);
        cr_assert_eq(memcmp(buffer, model->elements[at].bytes, model->elements[at].size), 0);
        model_remove(model, at);
        break;
    case 4:
        cr_assert_eq(seam_list_remove(list, SEAM_LAST), 0);
        model_remove(model, model->count - 1);
        break;
    case 5:
        cr_assert_eq(seam_list_update(list, at, grow_by_one, &byte), 0);
        model->elements[at].bytes[model->elements[at].size++] = byte;
        break;
    case 6: /* refused, but put right */
        cr_assert_eq(seam_list_set(list, model->count, bytes, 1), -ERANGE);
        cr_assert_eq(seam_list_insert(list, model->count + 1, bytes, 1), -ERANGE);
        break;
    default:
        cr_assert_eq(seam_list_clear(list), 0);
        model->count = 0;
        cr_assert_eq(seam_list_append(list, bytes, 3), 0);
        cr_assert_eq(seam_list_append(list, bytes, 0), 1);
        cr_assert_eq(seam_list_append(list, bytes, 2), 2);
        model_insert(model, 0, bytes, 3);
        model_insert(model, 1, bytes, 0);
        model_insert(model, 2, bytes, 2);
        break;
    }
}

/** As die_writing; and anything in the slots that are free. */
static void die_changing(struct seam_list *list, size_t count, uint64_t random)
{
    const uint8_t *now = seam_latch_copy(&list->latch, load_relaxed(list->latch.sequence));
    for (uint64_t i = count; i <= list->capacity; i++) {
        test_message_fill(seam_index_slot_at(list, seam_index_slot(now, i)), list->slot_stride,
                          random + i);
    }
    die_writing(&list->object, &list->latch, random);
}

Test(latch, what_a_dead_writer_left_in_a_list_is_put_right)
{
    struct seam_list *list = list_new(SEAM_LOCKED, 60, 33), *other = list_again(list, NULL);
    struct model model = {0};
    struct seam_list *handles[] = {list, other};
    char bytes[33];
    change_list(list, &(struct model){.count = 1}, 7, 1);
    model_insert(&model, 0, "\1\0\1", 3);
    model_insert(&model, 1, "", 0);
    model_insert(&model, 2, "\1\0", 2);
    for (uint64_t i = 0; i < 2000; i++) {
        size_t kind = test_mix(i) % 7;
        kind = i % 100 == 99 || model.count < 2 || model.count > 58 ? 7 : kind;
        die_changing(list, model.count, i);
        cr_assert_eq(seam_list_length(list), (ssize_t)model.count, "readers see what was whole");
        cr_assert_eq(seam_list_get(list, 0, bytes, sizeof(bytes)), (ssize_t)model.elements[0].size);
        change_list(handles[i % 2], &model, kind, (uint8_t)(i / 7));
        list_expect(list, &model, "both copies are whole again");
    }
    seam_list_close(other);
    seam_list_close(list);
}
