using System.Diagnostics.CodeAnalysis;

namespace Coriolis.Providers.Aws.Throttling;

/// <summary>A queue in which parties take turns, and each party's items keep their order. Not thread safe.</summary>
internal sealed class FairQueue<T>
    where T : class
{
    // The parties that have something in the queue, in the order of their turns.
    private readonly LinkedList<(string Party, LinkedList<T> Items)> _turns = new();
    private readonly Dictionary<string, LinkedListNode<(string Party, LinkedList<T> Items)>> _parties = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    public void Add(string party, T item)
    {
        if (!_parties.TryGetValue(party, out var node))
        {
            node = _parties[party] = _turns.AddLast((party, new LinkedList<T>()));
        }

        node.Value.Items.AddLast(item);
        Count++;
    }

    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        if (_turns.First is not { } node)
        {
            item = null;
            return false;
        }

        item = node.Value.Items.First!.Value;
        node.Value.Items.RemoveFirst();
        Count--;
        _turns.Remove(node);
        if (node.Value.Items.Count > 0)
        {
            _turns.AddLast(node);
        }
        else
        {
            _parties.Remove(node.Value.Party);
        }

        return true;
    }

    public bool Remove(string party, T item)
    {
        if (!_parties.TryGetValue(party, out var node) || !node.Value.Items.Remove(item))
        {
            return false;
        }

        Count--;
        if (node.Value.Items.Count == 0)
        {
            _turns.Remove(node);
            _parties.Remove(party);
        }

        return true;
    }
}
