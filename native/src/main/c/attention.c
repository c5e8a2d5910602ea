/*
 * Causal attention, for the query heads that share one key and value head of one sequence.
 *
 * Keys and values are packed once; queries go past them 48 at a time, so that the scores of a tile of
 * queries stay in the second cache. What a query gets has the same bits in any run of queries: a
 * tile's first key is rounded down to whole panels, so that its sums begin at the same place, and keys
 * that a query does not see add zeros.
 *
 * The backward pass computes the probabilities again from the scores and the logarithms of their sums
 * (Dao et al.: FlashAttention, 2022). With P the probabilities and dP = dY*Vᵀ: dS = scale*P*(dP - the
 * row's sum of dY*Y), dQ = dS*K, dK = dSᵀ*Q, dV = Pᵀ*dY. dK and dV are summed over tiles and heads in
 * working memory, in order.
 */
#include "mft.h"

#include "functions.h"
#include "tile.h"

#define QUERIES 48 /* of a tile: a multiple of every tile's rows */

/* Takes floats from working memory, aligned as its beginning is. */
INLINE float *cut(float **scratch, long floats) {
  float *at = *scratch;
  *scratch += round_up(floats, 16);
  return at;
}

/* Floats of panels that hold n columns of k values. */
INLINE long panels(long n, long k) { return round_up(n, TILE_WIDTH) * k; }

INLINE long score_ld(long keys) { return round_up(keys, TILE_WIDTH) + LANES; }

INLINE long first_seen(const struct mft_heads *heads, long i) {
  return heads->window > i ? 0 : i - heads->window + 1;
}

/* The first key of a tile that begins with query i. */
INLINE long first_key(const struct mft_heads *heads, long i) {
  return first_seen(heads, i) / TILE_WIDTH * TILE_WIDTH;
}

INLINE float *at(struct mft_window w, long row, long column) { return w.first + row * w.ld + column; }

/* Rows `from` to `to` as columns, in panels of whole width. */
static void pack_keys(struct mft_window w, long column, long h, long from, long to, float *out) {
  for (long j = from; j < to; j += TILE_WIDTH, out += TILE_WIDTH * h) {
    struct rows keys = float_rows(at(w, j, column), w.ld);
    pack_turned(keys, least(TILE_WIDTH, to - j), h, out, TILE_WIDTH);
  }
}

/* Rows `from` to `to` as rows. */
static void pack_values(struct mft_window w, long column, long h, long from, long to, float *out) {
  for (long i = 0; i < h; i += TILE_WIDTH, out += TILE_WIDTH * (to - from)) {
    long width = least(TILE_WIDTH, h - i);
    struct rows values = float_rows(at(w, from, column + i), w.ld);
    pack_straight(values, width, to - from, out, round_up(width, LANES));
  }
}

/* Scales a row of scores, of which only [from, to) counts: the others become -infinity. */
static void mask(float *s, long from, long to, long width, float scale) {
  for (long j = 0; j < width; j += LANES) {
    store(s + j, load(s + j) * splat(scale));
  }
  for (long j = 0; j < from; j++) {
    s[j] = -__builtin_inff();
  }
  for (long j = to; j < width; j++) {
    s[j] = -__builtin_inff();
  }
}

struct forward {
  float *keys, *values, *queries, *scores, *probabilities, *output;
  float inverse[QUERIES];
};

EXPORT long mft_attention_floats(long h, long keys) {
  return panels(keys + TILE_WIDTH, h) + panels(h, keys + TILE_WIDTH) + QUERIES * h +
         QUERIES * score_ld(keys + TILE_WIDTH) + QUERIES * (keys + TILE_WIDTH) +
         QUERIES * round_up(h, LANES) + 6 * 16;
}

static void forward_tile(const struct mft_heads *heads, long head, long from, long to, long low,
                         long high, long row, struct mft_window q, struct mft_window y,
                         struct mft_window lse, struct forward *own) {
  long h = heads->width;
  long m = to - from;
  long first = first_key(heads, from);
  long keys = to - first;
  long ld = score_ld(keys);
  long wide = round_up(h, LANES);
  pack_rows(at(q, row + from, head * h), q.ld, m, h, own->queries, 4 * h);
  tiles(m, round_up(keys, TILE_WIDTH), h, own->queries, 4 * h, own->keys + (first - low) * h,
        TILE_WIDTH * h, 0, 0, own->scores, ld);
  for (long i = 0; i < m; i++) {
    float *s = own->scores + i * ld;
    long width = round_up(keys, LANES);
    mask(s, first_seen(heads, from + i) - first, from + i + 1 - first, width, heads->scale);
    float max = largest(s, width);
    float sum = exponentials(s, width, max);
    if (lse.first) {
      *at(lse, row + from + i, head) = (float)(max + logarithm(sum));
    }
    own->inverse[i] = 1 / sum;
  }
  pack_rows(own->scores, ld, m, keys, own->probabilities, 4 * keys);
  tiles(m, h, keys, own->probabilities, 4 * keys, own->values, TILE_WIDTH * (high - low), first - low,
        0, own->output, wide);
  for (long i = 0; i < m; i++) {
    mft_axpy(own->inverse[i], own->output + i * wide, 0, at(y, row + from + i, head * h), h);
  }
}

/*
 * Queries `from` to `to` of a sequence whose first key is in row `key_row` and whose first query is,
 * or would be, in row `query_row`.
 */
EXPORT void mft_attention(const struct mft_heads *heads, long kv_head, long from, long to, long key_row,
                          long query_row, struct mft_window q, struct mft_window k,
                          struct mft_window v, struct mft_window y, struct mft_window lse,
                          float *scratch) {
  long h = heads->width;
  long low = first_key(heads, from);
  long keys = to - low;
  struct forward own;
  own.keys = cut(&scratch, panels(keys, h));
  own.values = cut(&scratch, panels(h, keys));
  own.queries = cut(&scratch, QUERIES * h);
  own.scores = cut(&scratch, QUERIES * score_ld(keys));
  own.probabilities = cut(&scratch, QUERIES * keys);
  own.output = cut(&scratch, QUERIES * round_up(h, LANES));
  pack_keys(k, kv_head * h, h, key_row + low, key_row + to, own.keys);
  pack_values(v, kv_head * h, h, key_row + low, key_row + to, own.values);
  for (long head = kv_head * heads->group; head < (kv_head + 1) * heads->group; head++) {
    for (long i = from; i < to; i += QUERIES) {
      forward_tile(heads, head, i, least(to, i + QUERIES), low, to, query_row, q, y, lse, &own);
    }
  }
}

struct backward {
  const struct mft_heads *heads;
  struct mft_window q, y, lse, dy, dq;
  int add;
  long row;
  long n; /* tokens of the sequence */
  float *keys, *key_rows, *values, *key_sums, *value_sums;
  float *queries, *gradients, *query_rows, *gradient_rows;
  float *p, *ds, *packed, *output;
};

INLINE long sums(long h, long n) { return (n + TILE_WIDTH + 4) * round_up(h, LANES); }

INLINE long packed_floats(long keys) { return QUERIES * round_up(keys, 4); }

EXPORT long mft_attention_backward_floats(long h, long n) {
  return 2 * panels(n, h) + panels(h, n) + 2 * sums(h, n) + 2 * QUERIES * h + 2 * panels(h, QUERIES) +
         2 * QUERIES * score_ld(n) + packed_floats(n) + QUERIES * round_up(h, LANES) + 13 * 16;
}

/* Turns a row of scores into probabilities, and one of dP into dS. */
static void softmax_backward(const struct backward *b, long head, long query, long first, long keys,
                             float *p, float *ds) {
  const struct mft_heads *heads = b->heads;
  long h = heads->width;
  long width = round_up(keys, LANES);
  long row = b->row + query;
  mask(p, first_seen(heads, query) - first, query + 1 - first, width, heads->scale);
  exponentials(p, width, *at(b->lse, row, head));
  vf delta = splat(dot(at(b->dy, row, head * h), at(b->y, row, head * h), h));
  for (long j = 0; j < width; j += LANES) {
    store(ds + j, (load(ds + j) - delta) * load(p + j) * splat(heads->scale));
  }
}

/* sums[first + j] += the sum over the tile's m queries i of s[i][j]*rows[i]. */
static void key_sums(const struct backward *b, const float *s, long ld, long keys, long m,
                     const float *rows, float *sum) {
  long h = b->heads->width;
  pack_columns(s, ld, keys, m, b->packed, 4 * m);
  tiles(keys, h, m, b->packed, 4 * m, rows, TILE_WIDTH * m, 0, 1, sum, round_up(h, LANES));
}

static void backward_tile(const struct backward *b, long head, long from, long to) {
  long h = b->heads->width;
  long m = to - from;
  long first = first_key(b->heads, from);
  long keys = to - first;
  long ld = score_ld(keys);
  long wide = round_up(h, LANES);
  long top = b->row + from;
  long last = b->row + to;
  pack_rows(at(b->q, top, head * h), b->q.ld, m, h, b->queries, 4 * h);
  pack_rows(at(b->dy, top, head * h), b->dy.ld, m, h, b->gradients, 4 * h);
  pack_values(b->q, head * h, h, top, last, b->query_rows);
  pack_values(b->dy, head * h, h, top, last, b->gradient_rows);

  tiles(m, round_up(keys, TILE_WIDTH), h, b->queries, 4 * h, b->keys + first * h, TILE_WIDTH * h, 0, 0,
        b->p, ld);
  tiles(m, round_up(keys, TILE_WIDTH), h, b->gradients, 4 * h, b->values + first * h, TILE_WIDTH * h, 0,
        0, b->ds, ld);
  for (long i = 0; i < m; i++) {
    softmax_backward(b, head, from + i, first, keys, b->p + i * ld, b->ds + i * ld);
  }

  pack_rows(b->ds, ld, m, keys, b->packed, 4 * keys);
  tiles(m, h, keys, b->packed, 4 * keys, b->key_rows, TILE_WIDTH * b->n, first, 0, b->output, wide);
  for (long i = 0; i < m; i++) {
    mft_axpy(1, b->output + i * wide, b->add, at(b->dq, top + i, head * h), h);
  }
  key_sums(b, b->ds, ld, keys, m, b->query_rows, b->key_sums + first * wide);
  key_sums(b, b->p, ld, keys, m, b->gradient_rows, b->value_sums + first * wide);
}

/* The gradients for one key and value head of the sequence in rows `row` to `last_row`. */
EXPORT void mft_attention_backward(const struct mft_heads *heads, long kv_head, long row,
                                   long last_row, struct mft_window q, struct mft_window k,
                                   struct mft_window v, struct mft_window y, struct mft_window lse,
                                   struct mft_window dy, int add, struct mft_window dq,
                                   struct mft_window dk, struct mft_window dv, float *scratch) {
  long h = heads->width;
  long n = last_row - row;
  long column = kv_head * h;
  struct backward b = {.heads = heads, .q = q, .y = y, .lse = lse, .dy = dy, .dq = dq};
  b.add = add;
  b.row = row;
  b.n = n;
  b.keys = cut(&scratch, panels(n, h));
  b.key_rows = cut(&scratch, panels(h, n));
  b.values = cut(&scratch, panels(n, h));
  b.key_sums = cut(&scratch, sums(h, n));
  b.value_sums = cut(&scratch, sums(h, n));
  b.queries = cut(&scratch, QUERIES * h);
  b.gradients = cut(&scratch, QUERIES * h);
  b.query_rows = cut(&scratch, panels(h, QUERIES));
  b.gradient_rows = cut(&scratch, panels(h, QUERIES));
  b.p = cut(&scratch, QUERIES * score_ld(n));
  b.ds = cut(&scratch, QUERIES * score_ld(n));
  b.packed = cut(&scratch, packed_floats(n));
  b.output = cut(&scratch, QUERIES * round_up(h, LANES));
  pack_keys(k, column, h, row, last_row, b.keys);
  pack_values(k, column, h, row, last_row, b.key_rows);
  pack_keys(v, column, h, row, last_row, b.values);
  for (long i = 0; i < sums(h, n); i++) {
    b.key_sums[i] = 0;
    b.value_sums[i] = 0;
  }
  for (long head = kv_head * heads->group; head < (kv_head + 1) * heads->group; head++) {
    for (long from = 0; from < n; from += QUERIES) {
      backward_tile(&b, head, from, least(n, from + QUERIES));
    }
  }
  long wide = round_up(h, LANES);
  for (long t = 0; t < n; t++) {
    mft_axpy(1, b.key_sums + t * wide, add, at(dk, row + t, column), h);
    mft_axpy(1, b.value_sums + t * wide, add, at(dv, row + t, column), h);
  }
}
