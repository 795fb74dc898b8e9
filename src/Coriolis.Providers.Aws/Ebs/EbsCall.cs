using Amazon.Runtime.Internal.Auth;

namespace Coriolis.Providers.Aws.Ebs;

/// <summary>One call: how to build its request as often as needed, how to read its answer, and what happened so far.</summary>
/// <typeparam name="TResult">What the answer holds.</typeparam>
internal abstract class EbsCall<TResult>(EbsOperation operation, string snapshotId) : EbsCall(operation, snapshotId)
{
    /// <summary>Reads the body of a successful answer.</summary>
    public abstract ValueTask<TResult> ReadAsync(HttpResponseMessage response, AttemptWatch watch);
}

/// <summary>The part of a call that does not depend on its result.</summary>
internal abstract class EbsCall(EbsOperation operation, string snapshotId)
{
    private TimeProvider? _timeProvider;
    private long _startedAt;

    public EbsOperation Operation => operation;

    public string SnapshotId => snapshotId;

    /// <summary>What the call is about, for messages.</summary>
    public virtual string Subject => SnapshotId;

    public virtual int? BlockIndex => null;

    public virtual HttpMethod Method => HttpMethod.Get;

    /// <summary>The path, escaped.</summary>
    public abstract string Path { get; }

    /// <summary>The query without question mark: escaped, and sorted by name as the signature requires.</summary>
    public virtual string Query => "";

    /// <summary>The value of <c>x-amz-content-sha256</c>.</summary>
    public virtual string PayloadHash => AWS4Signer.EmptyBodySha256;

    /// <summary>Until when the snapshot may be reported as missing although it exists.</summary>
    public DateTimeOffset FreshUntil { get; init; }

    /// <summary>Number of the current attempt, from 1.</summary>
    public int Attempt { get; set; }

    /// <summary>When the first attempt failed, as a timestamp of the time provider.</summary>
    public long? FirstFailure { get; set; }

    /// <summary>How long the call takes so far, waiting for its turn included.</summary>
    public TimeSpan Elapsed => _timeProvider?.GetElapsedTime(_startedAt) ?? TimeSpan.Zero;

    /// <summary>Number of attempts whose bytes did not match.</summary>
    public int IntegrityFailures { get; set; }

    /// <summary>Whether expired credentials were already renewed for this call.</summary>
    public bool RenewedCredentials { get; set; }

    /// <summary>Why the last attempt failed, as long as nobody has decided what follows from it.</summary>
    public Exception? UnhandledFailure { get; set; }

    /// <summary>Takes <see cref="UnhandledFailure"/> to decide what follows from it.</summary>
    public Exception? TakeFailure()
    {
        var failure = UnhandledFailure;
        UnhandledFailure = null;
        return failure;
    }

    /// <summary>Starts the clock.</summary>
    public void Begin(TimeProvider timeProvider)
    {
        _timeProvider = timeProvider;
        _startedAt = timeProvider.GetTimestamp();
    }

    /// <summary>Adds the operation's own headers, with lower-case names.</summary>
    public virtual void AddHeaders(List<KeyValuePair<string, string>> headers)
    {
    }

    public virtual HttpContent? CreateContent() => null;

    /// <summary>Whether a missing snapshot may mean one that is not visible yet.</summary>
    public virtual bool MayNotBeVisibleYet(EbsException exception) => exception.IsNotFound;
}
