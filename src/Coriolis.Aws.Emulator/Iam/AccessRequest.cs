namespace Coriolis.Aws.Emulator.Iam;

/// <summary>One thing that policies decide: an action on a resource, and what is known about both.</summary>
/// <param name="Action">For example <c>ec2:DeleteSnapshot</c>.</param>
/// <param name="Resource">The ARN, or <c>*</c> for an action without resources.</param>
/// <param name="Keys">The condition keys of the request.</param>
internal sealed record AccessRequest(string Action, string Resource, ContextKeys Keys)
{
    /// <summary>
    /// Whether the resource does not exist, so that conditions on its tags cannot be judged. Who might be allowed learns from the
    /// operation that there is no such resource, as with AWS, where deleting twice ends in NotFound and not in a denial.
    /// </summary>
    public bool ResourceUnknown { get; init; }
}
