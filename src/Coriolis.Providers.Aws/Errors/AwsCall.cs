namespace Coriolis.Providers.Aws;

/// <summary>Names one AWS call, for messages, metrics and the decision whether it may be repeated.</summary>
/// <param name="Service">The IAM prefix of the service: <c>ec2</c>, <c>ebs</c>, <c>kms</c> or <c>sts</c>.</param>
/// <param name="Operation">The API operation.</param>
/// <param name="ResourceId">The resource concerned, when there is one.</param>
internal readonly record struct AwsCall(string Service, string Operation, string? ResourceId = null)
{
    /// <summary>
    /// Whether the call may be sent again although AWS may have carried out the first attempt. False for calls that
    /// create something and take no client token.
    /// </summary>
    public bool Repeatable { get; init; } = true;

    /// <summary>
    /// Whether the caller may cancel an attempt under way. False for calls that create or stop something: nobody would know what an
    /// attempt that was given up had done. Such an attempt still ends with its own timeout.
    /// </summary>
    public bool Cancellable { get; init; } = true;

    /// <summary>
    /// Whether the call names something that was created just now: as long as <see cref="AwsGateway.NotYet"/>, an answer that it does not
    /// exist means that the server that was asked has not heard of it, and the call is tried again.
    /// </summary>
    public bool NamesNew { get; init; }

    /// <summary>The key that the resource is encrypted with, when there is one and it is known.</summary>
    public string? KmsKeyId { get; init; }

    /// <summary>The IAM action, for example <c>ec2:CreateSnapshots</c>.</summary>
    public string Permission => $"{Service}:{Operation}";
}
