/* PT1 in C, twice: one household after the other with libm, and in the block loops of pt1.py. Same draws, same order of the year.
   Compile with SCALAR or BLOCK defined. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define YEARS 10
enum { OPERATING = 1, WAGE = 2, PV = 4, TOP_UP = 8 };
static const double HALF_BIT = 2.3283064365386963e-10;

static inline void philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t k0, uint32_t k1, uint32_t *w) {
    for (int r = 0; r < 10; r++) {
        uint64_t a = (uint64_t)c0 * 0xD2511F53u, b = (uint64_t)c2 * 0xCD9E8D57u;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0; c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1; c3 = (uint32_t)a;
        k0 += 0x9E3779B9u; k1 += 0xBB67AE85u;
    }
    w[0] = c0; w[1] = c1; w[2] = c2; w[3] = c3;
}

static inline double unit(uint32_t w) { return ((double)w + 0.5) * HALF_BIT; }

static inline double poly7(double x, double a, double b, double c, double d, double e, double f, double g, double h) {
    double q = x * x;
    return ((a + b * x) + (c + d * x) * q) + ((e + f * x) + (g + h * x) * q) * (q * q);
}

/* normal quantile: AS 241, as povsim.core.elementary */
static inline double middle(double q) {
    double r = 0.180625 - q * q;
    return q * poly7(r, 3.3871328727963666080, 133.14166789178437745, 1971.5909503065514427, 13731.693765509461125,
                     45921.953931549871457, 67265.770927008700853, 33430.575583588128105, 2509.0809287301226727)
         / poly7(r, 1.0, 42.313330701600911252, 687.18700749205790830, 5394.1960214247511077,
                 21213.794301586595867, 39307.895800092710610, 28729.085735721942674, 5226.4952788528545610);
}
static inline double tail_near(double a) {
    return poly7(a, 1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504,
                 1.27045825245236838258, 0.241780725177450611770, 0.0227238449892691845833, 7.74545014278341407640e-4)
         / poly7(a, 1.0, 2.05319162663775882187, 1.67638483018380384940, 0.689767334985100004550,
                 0.148103976427480074590, 0.0151986665636164571966, 5.475938084995344946e-4, 1.05075007164441684324e-9);
}
static inline double tail_far(double b) {
    return poly7(b, 6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 0.296560571828504891230,
                 0.0265321895265761230930, 0.00124266094738807843860, 2.71155556874348757815e-5, 2.01033439929228813265e-7)
         / poly7(b, 1.0, 0.599832206555887937690, 0.136929880922735805310, 0.0148753612908506148525,
                 7.86869131145613259100e-4, 1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15);
}

typedef struct {
    int64_t homes, replicates, block;
    uint32_t k0, k1, moment;
    const double *logm, *size;
    const int64_t *mask;
    double *acc;                /* replicates x YEARS x 13 */
    int64_t *hist, *again;      /* homes x (YEARS + 1); homes */
} run_t;

#ifdef SCALAR
static double normal(uint32_t w) {
    double p = unit(w), q = p - 0.5;
    if (q * q <= 0.180625) return middle(q);
    double t = sqrt(-log(q < 0.0 ? p : 1.0 - p));
    double z = t > 5.0 ? tail_far(t - 5.0) : tail_near(t - 1.6);
    return q < 0.0 ? -z : z;
}

void live(run_t *x) {
    for (int64_t h = 0; h < x->homes; h++)
        for (int64_t r = 0; r < x->replicates; r++) {
            double m = x->logm[h], u = 0.0, n = x->size[h];
            int status = 0, since = 0, emp = 0, first = YEARS;
            int64_t mask = x->mask[h];
            double aged = 1.0;
            for (int t = 0; t < YEARS; t++, aged *= 0.993) {
                uint32_t a[4], b[4], c[4], time = x->moment + ((uint32_t)t << 20);
                philox((uint32_t)h, 0, (uint32_t)r, time, x->k0, x->k1, a);
                philox((uint32_t)h, 0, (uint32_t)r, time | 1, x->k0, x->k1, b);
                philox((uint32_t)h, 0, (uint32_t)r, time | 2, x->k0, x->k1, c);
                double *acc = x->acc + (r * YEARS + t) * 13, u7 = unit(b[3]);
                if (u7 < 0.03) n = fmax(1.0, n - 1.0);
                else if (u7 >= 0.97) n = fmin(8.0, n + 1.0);
                m += 0.06;
                u = 0.9 * u + 0.15 * normal(a[0]);
                double inc = exp(m + u), op = 0.0, pv = 0.0, top = 0.0;
                if (unit(a[2]) < 0.06) inc *= 1.0 - fmin(0.9, exp(-1.2 + 0.5 * normal(c[0])));
                if ((mask & OPERATING) && t >= 3 && unit(a[3]) >= 0.1) op = 5000.0 * exp(0.25 * normal(a[1]) - 0.03125);
                if (mask & WAGE) emp = emp ? unit(b[0]) >= 0.12 : unit(b[0]) < 0.6;
                if (mask & PV) pv = 3000.0 * (1.0 + 0.08 * normal(c[1])) * aged;
                double tot = inc + op + 6000.0 * emp + pv;
                if ((mask & TOP_UP) && tot < 3000.0 * n && unit(b[2]) < 0.85) { top = 3000.0 * n - tot; tot = 3000.0 * n; }
                double pci = tot / n;
                if (status != 1) {
                    if (pci >= 4800.0 && unit(b[1]) < 0.9) {
                        status = 1; since = 0; acc[3] += 1.0;
                        if (first == YEARS) first = t;
                    }
                } else {
                    since++;
                    if (pci < 4000.0) { status = 2; acc[4] += 1.0; x->again[h]++; }
                }
                double g = fmax(0.0, (4000.0 - pci) / 4000.0);
                acc[status] += 1.0; acc[5] += n; acc[6] += pci < 4000.0 ? n : 0.0; acc[7] += n * g; acc[8] += n * g * g;
                if (mask & OPERATING) acc[9] += t == 0 ? 2000.0 : 200.0;
                acc[10] += 1000.0 * emp;
                if (mask & PV) acc[11] += 100.0;
                acc[12] += top;
            }
            x->hist[h * (YEARS + 1) + first]++;
        }
}
#endif

#ifdef BLOCK
#define CHUNK 256
static inline double pow2(double x, double n) {
    int64_t i = ((int64_t)n + 1022) << 52;
    double p;
    memcpy(&p, &i, 8);
    return x * p * 2.0;
}
static inline double expo(double x) {   /* as povsim.core.elementary; the range is that of the model */
    double n = nearbyint(x * 1.4426950408889634);
    double r = (x - n * 0.693147180369123816490) - n * 1.90821492927058770002e-10, q = r * r, f = q * q;
    double low = poly7(r, 1. / 2, 1. / 6, 1. / 24, 1. / 120, 1. / 720, 1. / 5040, 1. / 40320, 1. / 362880);
    double high = (1. / 3628800 + r * (1. / 39916800)) + (1. / 479001600 + r * (1. / 6227020800)) * q;
    return pow2(1.0 + (r + q * (low + high * (f * f))), n);
}
static inline double logn(double y) {
    int64_t pattern, k, back;
    memcpy(&pattern, &y, 8);
    k = (pattern - 0x3FE6A09E667F3BCDLL) >> 52;
    back = pattern - (k << 52);
    double m, n = (double)k;
    memcpy(&m, &back, 8);
    double f = m - 1.0, s = f / (2.0 + f), z = s * s, w = (z * z) * (z * z);
    double p = poly7(z, 2. / 3, 2. / 5, 2. / 7, 2. / 9, 2. / 11, 2. / 13, 2. / 15, 2. / 17) + (2. / 19 + z * (2. / 21)) * (w * w);
    return n * 0.693147180369123816490 + (n * 1.90821492927058770002e-10 + (2.0 * s + s * z * p));
}

static inline double tail_of(double p) {
    double q = p - 0.5, t = sqrt(-logn(q < 0.0 ? p : 1.0 - p)), near = tail_near(t - 1.6), far = tail_far(t - 5.0);
    double z = t > 5.0 ? far : near;
    return q < 0.0 ? -z : z;
}

static void normals(const uint32_t *restrict word, double *restrict z, int count) {
    double value[CHUNK];
    int tail[CHUNK], tails = 0;
    for (int j = 0; j < count; j++) z[j] = middle(unit(word[j]) - 0.5);
    for (int j = 0; j < count; j++) {
        double q = unit(word[j]) - 0.5;
        tail[tails] = j;
        tails += q * q > 0.180625;
    }
    for (int k = 0; k < tails; k++) value[k] = unit(word[tail[k]]);
    for (int k = 0; k < tails; k++) value[k] = tail_of(value[k]);
    for (int k = 0; k < tails; k++) z[tail[k]] = value[k];
}

static void draw(const run_t *x, int64_t h0, int64_t n, int64_t r, uint32_t time, double *d) {
    static const int rows[3][4] = {{0, 1, 2, 3}, {4, 5, 6, 7}, {8, 9, -1, -1}};
    uint32_t w[4][CHUNK];
    for (int64_t first = 0; first < n; first += CHUNK) {
        int count = n - first < CHUNK ? (int)(n - first) : CHUNK;
        for (uint32_t g = 0; g < 3; g++) {
            for (int j = 0; j < count; j++) {
                uint32_t o[4];
                philox((uint32_t)(h0 + first + j), 0, (uint32_t)r, time | g, x->k0, x->k1, o);
                w[0][j] = o[0]; w[1][j] = o[1]; w[2][j] = o[2]; w[3][j] = o[3];
            }
            for (int lane = 0; lane < 4; lane++) {
                if (rows[g][lane] < 0) continue;
                double *row = d + rows[g][lane] * n + first;
                if (g != 1 && lane < 2) normals(w[lane], row, count);
                else for (int j = 0; j < count; j++) row[j] = unit(w[lane][j]);
            }
        }
    }
}

static void year(int64_t n, int t, const int64_t *restrict mask, double *restrict s, const double *restrict d, double aged,
                 double *restrict acc) {
    double *m = s, *u = s + n, *size = s + 2 * n, *status = s + 3 * n, *since = s + 4 * n, *post = s + 5 * n, *first = s + 6 * n,
           *back = s + 7 * n, *inc = s + 8 * n;
    for (int64_t i = 0; i < n; i++) {
        double v = d[7 * n + i], less = fmax(1.0, size[i] - 1.0), more = fmin(8.0, size[i] + 1.0);
        size[i] = v < 0.03 ? less : v >= 0.97 ? more : size[i];
        m[i] += 0.06;
        u[i] = 0.9 * u[i] + 0.15 * d[i];
        double bill = 1.0 - fmin(0.9, expo(-1.2 + 0.5 * d[8 * n + i])), whole = expo(m[i] + u[i]);
        inc[i] = whole * (d[2 * n + i] < 0.06 ? bill : 1.0);
    }
    double a[13] = {0};
    for (int64_t i = 0; i < n; i++) {
        int64_t k = mask[i];
        double crop = 5000.0 * expo(0.25 * d[n + i] - 0.03125);
        double op = ((k & OPERATING) != 0) & (t >= 3) & (d[3 * n + i] >= 0.1) ? crop : 0.0;
        double v = d[4 * n + i], keeps = v >= 0.12 ? 1.0 : 0.0, finds = v < 0.6 ? 1.0 : 0.0, held = post[i] > 0.0 ? keeps : finds;
        post[i] = (k & WAGE) ? held : 0.0;
        double sun = 3000.0 * (1.0 + 0.08 * d[9 * n + i]) * aged, pv = (k & PV) ? sun : 0.0, p = size[i];
        double tot = inc[i] + op + 6000.0 * post[i] + pv, gap = 3000.0 * p - tot;
        double top = ((k & TOP_UP) != 0) & (gap > 0.0) & (d[6 * n + i] < 0.85) ? gap : 0.0, pci = (tot + top) / p, st = status[i];
        int leaves = (st != 1.0) & (pci >= 4800.0) & (d[5 * n + i] < 0.9), falls = (st == 1.0) & (pci < 4000.0);
        since[i] = leaves ? 0.0 : since[i] + (st == 1.0 ? 1.0 : 0.0);
        first[i] = leaves & (first[i] == YEARS) ? (double)t : first[i];
        back[i] += falls ? 1.0 : 0.0;
        st = leaves ? 1.0 : falls ? 2.0 : st;
        status[i] = st;
        double g = fmax(0.0, (4000.0 - pci) / 4000.0), ng = p * g;
        a[0] += st == 0.0 ? 1.0 : 0.0; a[1] += st == 1.0 ? 1.0 : 0.0; a[2] += st == 2.0 ? 1.0 : 0.0;
        a[3] += leaves ? 1.0 : 0.0; a[4] += falls ? 1.0 : 0.0; a[5] += p; a[6] += pci < 4000.0 ? p : 0.0;
        a[7] += ng; a[8] += ng * g; a[9] += (k & OPERATING) ? (t ? 200.0 : 2000.0) : 0.0;
        a[10] += 1000.0 * post[i]; a[11] += (k & PV) ? 100.0 : 0.0; a[12] += top;
    }
    for (int j = 0; j < 13; j++) acc[j] += a[j];
}

void live(run_t *x) {
    double *s = malloc(sizeof(double) * 9 * x->block), *d = malloc(sizeof(double) * 10 * x->block);
    for (int64_t h0 = 0; h0 < x->homes; h0 += x->block) {
        int64_t n = x->homes - h0 < x->block ? x->homes - h0 : x->block;
        for (int64_t r = 0; r < x->replicates; r++) {
            memset(s, 0, sizeof(double) * 9 * n);
            memcpy(s, x->logm + h0, sizeof(double) * n);
            memcpy(s + 2 * n, x->size + h0, sizeof(double) * n);
            for (int64_t i = 0; i < n; i++) s[6 * n + i] = YEARS;
            double aged = 1.0;
            for (int t = 0; t < YEARS; t++, aged *= 0.993) {
                draw(x, h0, n, r, x->moment + ((uint32_t)t << 20), d);
                year(n, t, x->mask + h0, s, d, aged, x->acc + (r * YEARS + t) * 13);
            }
            for (int64_t i = 0; i < n; i++) {
                x->hist[(h0 + i) * (YEARS + 1) + (int)s[6 * n + i]]++;
                x->again[h0 + i] += (int64_t)s[7 * n + i];
            }
        }
    }
    free(s);
    free(d);
}
#endif
