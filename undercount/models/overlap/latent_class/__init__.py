"""The latent-class model of overlapping lists (Manrique-Vallier 2016, *Biometrics* 72, 1246-1254).

Victims fall into classes; within a class the lists catch victims independently. With weights π of K* classes and
λ_kj the probability that list j catches a victim of class k, a victim has the pattern h with probability

    p_h = Σ_k π_k Π_j λ_kj^(h_j) (1 - λ_kj)^(1 - h_j).

Weights are sticks of a Dirichlet process, cut off after K*: π_k = V_k Π_(i<k) (1 - V_i) with V_k ~ Beta(1, α),
α ~ Gamma(a, b), and the last class takes what is left. λ_kj ~ Beta(c, d), and the toll has p(N) ∝ (N - l)! / N!, which
is 1/N for l = 1 and flat for l = 0 (Fienberg, Johnson and Junker 1999, *JRSS A* 162, 383-405).

Two unknowns are integrated out exactly. Of N, with n victims on the lists and s = 1 - p_0 the share seen,

    Σ_N (N - l)! / N! · N! / (N - n)! · p_0^(N - n) Π p_h^(n_h) = Γ(m) s^(-m) Π p_h^(n_h),     m = n - l + 1,

and N - n given all else is negative binomial with m successes of probability s: `tolls` draws it, without a bound.
Of α, with t_k = -ln(1 - V_k), which is exponential with rate α: the t are jointly Lomax,

    p(t) ∝ (b + Σ_k t_k)^-(a + K* - 1).

What is left, y_k = ln t_k and the logits of λ, is smooth on the whole real space. Patterns are counted, so that the
cost does not grow with n.

The identifying assumption is that *within* a class the lists are independent, and that few classes do.
"""

from undercount.models.overlap.latent_class.bounded import Boundedness, boundedness
from undercount.models.overlap.latent_class.classes import Classes, classes_at, tolls
from undercount.models.overlap.latent_class.density import density
from undercount.models.overlap.latent_class.moves import move
from undercount.models.overlap.latent_class.packing import Packed, pack
from undercount.models.overlap.latent_class.priors import DEFAULTS, Hyperprior, LatentClassPriors
from undercount.models.overlap.latent_class.start import draw_start

__all__ = [
    "DEFAULTS",
    "Boundedness",
    "Classes",
    "Hyperprior",
    "LatentClassPriors",
    "Packed",
    "boundedness",
    "classes_at",
    "density",
    "draw_start",
    "move",
    "pack",
    "tolls",
]
