/*
 * vcdiff_plan.c - efforts, and what a window and the index may cost.
 *
 * Everything follows from the memory granted and the sizes of base and target, so that the same pair gives the same
 * delta (RFC 3229 §5.7).
 */
#include "vcdiff_plan.h"

#include "vcdiff_base.h"
#include "vcdiff_choose.h"
#include "vcdiff_index.h"
#include "vcdiff_local.h"

/*
 * 8 MiB: decoders hold a window in memory, and the most widespread one, xdelta3's, takes no more than 16 MiB. A longer
 * one would find more of what repeats itself, but costs chains of four octets a place.
 */
enum { WINDOW_MAX = 8 << 20, WINDOW_MIN = 16 << 10 };
/* A window takes a third of the memory at most: it costs some nine octets each. */
enum { WINDOW_PART = 24 };
/* One instruction for so many octets of a window; where there are more, the window ends early. */
enum { OCTETS_A_MOVE = 16, MOVES_MIN = 256 };
enum { SMALL_BASE = 32 << 10, LOCAL_BITS_MIN = 8 };

static const struct vcdiff_effort efforts[] = {
    {.step = 24,
     .chain = 1,
     .lazy = 8,
     .enough = 32,
     .resume = 16,
     .diagonals = 2,
     .local_bits = 0,
     .local_reach = 16 << 10,
     .skip = 6},
    {.step = 16,
     .chain = 4,
     .lazy = 32,
     .enough = 64,
     .resume = 5,
     .diagonals = 3,
     .local_bits = 18,
     .local_reach = 8 << 10,
     .skip = 8},
    {.step = 8,
     .chain = 48,
     .lazy = 96,
     .enough = 256,
     .resume = 0,
     .diagonals = 4,
     .local_bits = 20,
     .local_reach = 32 << 10,
     .skip = 12},
};

static const struct vcdiff_effort *find_effort(enum delta_effort effort)
{
    return &efforts[effort < DELTA_USUAL ? 0 : effort < DELTA_BEST ? 1 : 2];
}

static size_t window_cost(const struct vcdiff_plan *plan)
{
    size_t chain = plan->effort->chain > 1 ? plan->window * sizeof(uint32_t) : 0;
    size_t local = plan->local_bits ? sizeof(uint32_t) << plan->local_bits : 0;

    return plan->window + chain + (sizeof(uint32_t) << plan->head_bits) + local +
           plan->moves * (sizeof(struct vcdiff_move) + MOVE_CODE_MAX + MOVE_ADDRESS_MAX) + 4096;
}

static void plan_window(struct vcdiff_plan *plan, uint64_t target_size, size_t memory)
{
    size_t window = memory / WINDOW_PART;

    if (window > WINDOW_MAX)
        window = WINDOW_MAX;
    if (window < WINDOW_MIN)
        window = WINDOW_MIN;
    if (window > target_size)
        window = target_size;
    plan->window = window;
    plan->moves = window / OCTETS_A_MOVE + MOVES_MIN;
    plan->head_bits = 10;
    while (plan->head_bits < 18 && (size_t)8 << plan->head_bits < window)
        plan->head_bits++;
}

/* For a small base every effort has a table of all its places. */
static void plan_local(struct vcdiff_plan *plan, uint64_t base_size)
{
    plan->local_key = base_size <= SMALL_BASE ? LOCAL_KEY_SMALL : LOCAL_KEY;
    plan->local_bits = base_size <= SMALL_BASE ? LOCAL_BITS_MIN : plan->effort->local_bits;
    while (base_size <= SMALL_BASE && (uint64_t)1 << plan->local_bits < 2 * base_size)
        plan->local_bits++;
    if (base_size > SMALL_BASE && plan->local_bits > plan->head_bits + 2)
        plan->local_bits = plan->head_bits + 2;
}

/*
 * A base that fits beside a full index is held whole: three quarters of what is left. Otherwise two fifths go to frames
 * of it. The index gets what then remains, or as much as it has use for; where that is less, its steps grow. That a
 * base is in memory already changes nothing here: the same delta has to come of it.
 */
static void plan_base(struct vcdiff_plan *plan, const struct delta_source *base, size_t memory)
{
    size_t wanted;

    plan->base_memory = base->size <= memory / 4 * 3 ? base->size + BASE_SLACK : memory / 5 * 2;
    plan->step = plan->effort->step;
    plan->index_slots = (memory - plan->base_memory) / sizeof(uint32_t) / INDEX_WAYS * INDEX_WAYS;
    wanted = vcdiff_index_slots(base->size, plan->step);
    if (wanted < plan->index_slots)
        plan->index_slots = wanted;
    while (vcdiff_index_slots(base->size, plan->step) > plan->index_slots)
        plan->step += plan->step / 8 + 1;
}

enum err vcdiff_plan_make(const struct delta_source *base, const struct delta_source *target, enum delta_effort effort,
                          const struct delta_limits *limits, struct vcdiff_plan *plan)
{
    size_t memory = limits->memory_max ? limits->memory_max : DELTA_MEMORY_USUAL;
    *plan = (struct vcdiff_plan){.effort = find_effort(effort)};
    plan_window(plan, target->size, memory);
    plan_local(plan, base->size);
    if (window_cost(plan) + 4 * vcdiff_base_frame_cost() > memory)
        return ERR_TOO_LARGE;
    plan_base(plan, base, memory - window_cost(plan));
    return ERR_NONE;
}
