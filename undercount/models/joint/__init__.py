"""Matched lists beside the counts: what their overlap says of the toll.

A recorder's reports say how many it documented, n_s. If its list of names was matched with that of another, the
overlap of the two says how many both missed. The lists are about a scope of the case: N dead, Λ of them expected, n on
any list, and D the counts of all patterns. The fusion model has

    p(n_s | ρ_s Λ)

through the reports already, with its own prior of the reporting rate ρ_s. The lists therefore add only what D says
beside the sizes of the lists,

    L(N) = p(D | N) / Π_s p(n_s | N),        N ~ Poisson(Λ),

where p(D | N) is averaged over how the lists may depend on each other, and both are under one prior of the coverage.
The division takes that prior out again, and the reporting rates of the fusion model stand in its place: exactly so
where lists are independent, since D then depends on the coverages through the sizes only, and L is the hypergeometric
probability of the overlap; of lists that depend on each other (`models.joint.dependent`) nearly so where they are
long, since the coverages are then known to be n_s / N. What is left out is that N given Λ and n_s differs from N given
Λ: the model has it so already, in which reports are of Λ.

The density of the fusion model gets the factor E[L(N) | Λ] for each table (`models.joint.expected`), as a spline in
log Λ (`models.joint.curve`). N given Λ then has the weights Poisson(N; Λ) L(N), which is what tolls are drawn from.
"""

from undercount.models.joint.scopes import Overlap

__all__ = ["Overlap"]
