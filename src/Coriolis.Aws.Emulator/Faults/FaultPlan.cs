using System.IO.Enumeration;

namespace Coriolis.Aws.Emulator;

/// <summary>The faults that an emulator injects. Rules may be added and removed while it runs; the first that matches a call applies.</summary>
/// <remarks>Thread safety: all members may be called at any time.</remarks>
public sealed class FaultPlan
{
    private readonly Lock _gate = new();
    private readonly List<Entry> _entries = [];

    /// <summary>Gets the rules that are not used up, in the order in which they are tried.</summary>
    public IReadOnlyList<FaultRule> Rules
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries.Select(entry => entry.Rule)];
            }
        }
    }

    /// <summary>Reads the rules of a JSON file: an object with the member <c>rules</c>.</summary>
    /// <param name="path">The file.</param>
    /// <returns>A plan with those rules.</returns>
    /// <exception cref="FormatException">The file is not a fault plan; the message says where and why.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static FaultPlan Load(string path) => Faults.FaultFile.Parse(File.ReadAllText(path), path);

    /// <summary>Adds a rule after the others.</summary>
    /// <param name="rule">The rule.</param>
    /// <exception cref="ArgumentException">The rule cannot apply to any call; the message says why.</exception>
    public void Add(FaultRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        if (Faults.FaultRuleCheck.Explain(rule) is { } problem)
        {
            throw new ArgumentException(problem, nameof(rule));
        }

        lock (_gate)
        {
            _entries.Add(new Entry(rule));
        }
    }

    /// <summary>Adds all rules of another plan, as if none of them had been used.</summary>
    /// <param name="other">The other plan.</param>
    public void AddRange(FaultPlan other)
    {
        ArgumentNullException.ThrowIfNull(other);
        foreach (var rule in other.Rules)
        {
            Add(rule);
        }
    }

    /// <summary>Removes all rules.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _entries.Clear();
        }
    }

    /// <summary>
    /// Uses the first rule of one of the kinds that matches a call of the operation on any of the resources, and returns it; null when the
    /// call is to go through.
    /// </summary>
    internal FaultRule? Take(string operation, IReadOnlyCollection<string> resourceIds, Func<FaultKind, bool> kinds)
    {
        lock (_gate)
        {
            foreach (var entry in _entries)
            {
                if (!kinds(entry.Rule.Kind) || !Matches(entry.Rule, operation, resourceIds))
                {
                    continue;
                }

                if (++entry.Seen <= entry.Rule.Skip)
                {
                    continue;
                }

                if (entry.Seen - entry.Rule.Skip == entry.Rule.Count)
                {
                    _entries.Remove(entry);
                }

                return entry.Rule;
            }

            return null;
        }
    }

    /// <summary>As the other overload, for one kind and one resource.</summary>
    internal FaultRule? Take(string operation, string resourceId, FaultKind kind) => Take(operation, [resourceId], candidate => candidate == kind);

    private static bool Matches(FaultRule rule, string operation, IReadOnlyCollection<string> resourceIds) =>
        FileSystemName.MatchesSimpleExpression(rule.Operation, operation)
        && (rule.ResourceId is null || resourceIds.Contains(rule.ResourceId));

    private sealed class Entry(FaultRule rule)
    {
        public FaultRule Rule { get; } = rule;

        public long Seen { get; set; }
    }
}
