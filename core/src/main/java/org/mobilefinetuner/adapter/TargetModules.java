package org.mobilefinetuner.adapter;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The projections to adapt, said in PEFT's way: by the end of their names, so that {@code c_proj}
 * means {@code attn.c_proj} and {@code mlp.c_proj} of every block.
 *
 * @param names what PEFT is to be told
 * @param sites what is meant, in the order of the model
 */
public record TargetModules(List<String> names, List<Site> sites) {
  /** Every projection but the vocabulary's. */
  public static final String ALL_LINEAR = "all-linear";

  /**
   * @param wanted ends of names, full names, or {@link #ALL_LINEAR}
   * @param sites all projections of the model but the vocabulary's
   * @throws IllegalArgumentException if one of them is no projection of the model
   */
  public static TargetModules of(List<String> wanted, List<Site> sites) {
    if (wanted.contains(ALL_LINEAR)) {
      return new TargetModules(modules(sites), List.copyOf(sites));
    }
    Set<Site> chosen = new LinkedHashSet<>();
    for (String target : wanted) {
      boolean found = false;
      for (Site site : sites) {
        if (site.matches(target)) {
          chosen.add(site);
          found = true;
        }
      }
      if (!found) {
        throw new IllegalArgumentException(
            "expected targets among "
                + modules(sites)
                + " or "
                + ALL_LINEAR
                + ", found \""
                + target
                + "\"; a longer end of a name, such as attn.c_proj, is possible too");
      }
    }
    if (chosen.isEmpty()) {
      throw new IllegalArgumentException(
          "expected at least one target among " + modules(sites) + ", found none");
    }
    List<Site> ordered = new ArrayList<>(sites);
    ordered.retainAll(chosen);
    return new TargetModules(List.copyOf(wanted), List.copyOf(ordered));
  }

  /** Says {@code names}, full names of sites, by their modules if that means no other site. */
  static TargetModules exactly(Set<String> names, List<Site> sites) {
    List<Site> wanted = new ArrayList<>();
    for (Site site : sites) {
      if (names.contains(site.name())) {
        wanted.add(site);
      }
    }
    TargetModules byModule = of(modules(wanted), sites);
    return byModule.sites.size() == wanted.size() ? byModule : of(List.copyOf(names), sites);
  }

  private static List<String> modules(List<Site> sites) {
    Set<String> names = new LinkedHashSet<>();
    sites.forEach(site -> names.add(site.module()));
    return List.copyOf(names);
  }
}
