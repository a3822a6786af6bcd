namespace Wherry.Core.Model;

/// <summary>An immutable snapshot: every service's exact image and resolved configuration, numbered per environment from 1.</summary>
public sealed record Release(int Number, ProjectModel Model);
